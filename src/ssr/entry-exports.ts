// What a server entry exports: render(), or a fetch handler.
import { ConnectViteError } from '../errors.js'
import type { Request as NodeRequest, Response as NodeResponse } from '../http.js'
import type { TagOptions } from '../tags/types.js'
import type { ServerModule } from './host.js'
import { isPipeable, isResponse, type Rendered } from './rendered.js'

/** What `render()` gets as its second argument. */
export interface RenderContext {
  req: NodeRequest
  res: NodeResponse
  /** For scripts and styles that `render()` prints itself. */
  nonce: string | undefined
  /**
   * The tags of what was rendered: styles and preloads of lazily loaded components, without what the template or an
   * earlier call has. Print them into the head. Of an array, modules without a chunk add nothing.
   *
   * @param entries source files relative to `root`: `'src/pages/about.tsx'`
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND` for a single name that the build does not have
   */
  tags(entries: string | readonly string[], options?: TagOptions): string
}

/** The function that a server entry exports. */
export type Render = (url: string, context: RenderContext) => Rendered | Promise<Rendered>

/** @throws ConnectViteError `ERR_SSR_EXPORT` when there is none */
export function renderOf(module: ServerModule, entry: string): Render {
  // CommonJS builds have their exports on `default`.
  const inner = module.default as ServerModule | null | undefined
  const render = module.render ?? inner?.render
  if (typeof render === 'function') return render as Render
  throw new ConnectViteError('ERR_SSR_EXPORT', {
    what: `The server entry exports no function render().`,
    lookedIn: `${entry}, which exports ${Object.keys(module).join(', ') || 'nothing'}`,
    likelyCause: 'this is the entry of the browser, or the function has another name',
    remedy:
      'export function render(url, { req, res, nonce, tags }) { … } there; for a fetch handler use fetchable().',
  })
}

/**
 * What a function of the app returns, promised or not. A `Response` that it throws is its answer, as in
 * routers with loaders. A stream is left as it is, although Solid's can be awaited: that waits for its end.
 */
export async function answerOf<T>(ask: () => T | Promise<T>): Promise<{ value: T | Response }> {
  try {
    const answer = ask()
    return { value: isPipeable(answer) ? answer : await answer }
  } catch (thrown) {
    if (isResponse(thrown)) return { value: thrown }
    throw thrown
  }
}

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
    likelyCause: 'a `return` is missing in one of its branches',
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
