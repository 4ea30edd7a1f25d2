// The fetch handler that a server module exports: `default.fetch`, or `default` itself.
import { ConnectViteError } from '../errors.js'
import type { ServerModule } from './host.js'
import { isResponse } from './rendered.js'

type Fetch = (request: Request) => unknown

/** Asks the module's handler. Looked up each time: a hot update may replace it. */
export async function callFetch(
  module: ServerModule,
  request: Request,
  entry: string,
): Promise<Response> {
  const response = await fetchOf(module, entry)(request)
  if (isResponse(response)) return response
  throw new ConnectViteError('ERR_SSR_EXPORT', {
    what: `The fetch handler of ${entry} returned ${response === undefined ? 'nothing' : `a ${typeof response}`}.`,
    likelyCause: 'a `return` is missing on one of its ways',
    remedy:
      'Return a Response for every request: new Response(null, { status: 404 }) for what is not there.',
  })
}

function fetchOf(module: ServerModule, entry: string): Fetch {
  // CommonJS builds have their exports on `default`.
  for (const holder of [module, module.default]) {
    const handler = (holder as { default?: unknown } | null | undefined)?.default
    if (typeof handler === 'function' && !hasFetch(handler)) return handler as Fetch
    if (hasFetch(handler)) return (request) => handler.fetch(request)
  }
  throw new ConnectViteError('ERR_SSR_EXPORT', {
    what: 'The server entry exports no fetch handler.',
    lookedIn: `${entry}, which exports ${Object.keys(module).join(', ') || 'nothing'}`,
    remedy:
      'export default { fetch(request) { return new Response(…) } } there; for render() use ssr().',
  })
}

function hasFetch(value: unknown): value is { fetch: Fetch } {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return 'fetch' in value && typeof value.fetch === 'function'
}
