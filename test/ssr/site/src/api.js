// A fetch handler in the runnable environment.
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url)
    return Response.json({ pathname, method: request.method, body: await request.text() })
  },
}
