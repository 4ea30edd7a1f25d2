// A fetch handler that knows nothing of Node, in an environment that is only spoken to in requests and responses.
import { page } from './page.js'

export default {
  fetch: (request) => new Response(page(new URL(request.url).pathname), { status: 203 }),
}
