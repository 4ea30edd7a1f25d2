// The members of the handle for pages and server modules: page(), ssr(), fetchable(), import() and handler().
import type { Handler } from '../http.js'
import { checkArguments, type SsrMethod } from './arguments.js'
import { createFetchable, type FetchableOptions } from './fetchable.js'
import type { ServerModule, ServerModuleOptions, SsrHost } from './host.js'
import { createPage } from './page.js'
import { createRenderer, type PageOf, type SsrOptions } from './render.js'
import { createServerHandler, type HandlerOptions } from './server-handler.js'

/** Options of `import()`. */
export type ImportOptions = ServerModuleOptions

export interface Ssr {
  /**
   * A handler that sends an HTML entry to navigating browsers: through `transformIndexHtml` in development,
   * the built file in production. On a route with a path it also answers `fetch()`. Everything else goes to
   * `next()`, so that a missing asset stays a 404.
   *
   * @param html path relative to `root`
   * @throws ConnectViteError
   * - `ERR_OPTION`: not a path
   * - `ERR_BUILD_NOT_FOUND`: production, and the build has no such page
   */
  page(html?: string): Handler
  /**
   * A handler that renders `template` with `render(url, { req, res, nonce, tags })` of a server entry. GET and HEAD;
   * on a wildcard route navigations only.
   *
   * @param entry path relative to `root`
   * @throws ConnectViteError `ERR_OPTION`; and in production, where the build can be checked now
   * - `ERR_BUILD_NOT_FOUND`: no server build, or no such template in the client's
   * - `ERR_ENTRY_NOT_FOUND`: the server build has no such entry
   * - `ERR_SSR_OUTLET`: the template has no outlet
   */
  ssr(entry: string, options?: SsrOptions): Handler
  /**
   * A handler that gives the request as a web `Request` to a fetch handler (`default.fetch` or `default` of an
   * entry, or an environment with `dispatchFetch`) and streams its `Response` back. All methods. Mount it
   * before body parsers.
   *
   * @param entry path relative to `root`. Default: the environment's one input
   * @throws ConnectViteError
   * - `ERR_OPTION`: an argument of the wrong type
   * - `ERR_BUILD_NOT_FOUND`, `ERR_ENTRY_NOT_FOUND`: production, no such server build or entry
   */
  fetchable(entry?: string, options?: FetchableOptions): Handler
  /**
   * A server module: its newest version in development, the built file in production.
   *
   * @throws ConnectViteError rejects with
   * - `ERR_OPTION`: an argument of the wrong type
   * - `ERR_SSR_NEEDS_EMBEDDED`: development, and Vite runs in another process
   * - `ERR_BUILD_NOT_FOUND`, `ERR_ENTRY_NOT_FOUND`: no such server build or entry
   */
  import(entry: string, options?: ImportOptions): Promise<ServerModule>
  /**
   * A handler that passes each request to the default export of a server module: a router, an app of Express or
   * Connect, or `(req, res, next) => …`. In development that is the newest version of the module and of what it
   * imports, without a restart; a module that fails is an error of this route alone. In production it is the built one.
   *
   * @param entry path relative to `root`. In production an input of the server environment
   * @throws ConnectViteError `ERR_OPTION`; and in production, where the build can be checked now
   * - `ERR_BUILD_NOT_FOUND`, `ERR_ENTRY_NOT_FOUND`: no such server build or entry
   *
   * @example
   * ```ts
   * import express from 'express'
   * import { connectVite } from 'connect-vite'
   *
   * const app = express()
   * const vite = connectVite()
   * app.use(vite)
   * app.use('/api', vite.handler('server/api.ts')) // export default express.Router()…
   * app.listen(3000)
   * ```
   */
  handler(entry: string, options?: HandlerOptions): Handler
}

/** @param pageOf the tags of a response */
export function createSsr(host: SsrHost, pageOf: PageOf): Ssr {
  const open = once('import', (entry: string, options: ImportOptions = {}) =>
    host.modules.open(entry, options),
  )
  return {
    page: once('page', (html?: string) => createPage(host, html)),
    ssr: once('ssr', (entry: string, options?: SsrOptions) =>
      createRenderer(host, pageOf, entry, options),
    ),
    fetchable: once('fetchable', (entry?: string, options?: FetchableOptions) =>
      createFetchable(host, entry, options),
    ),
    handler: once('handler', (entry: string, options?: HandlerOptions) =>
      createServerHandler(host, entry, options),
    ),
    import: async (entry, options) => open(entry, options)(),
  }
}

/** What was made for the same arguments before: an app may ask anew for each request. */
function once<Args extends unknown[], Made>(
  method: SsrMethod,
  make: (...args: Args) => Made,
): (...args: Args) => Made {
  const made = new Map<string, Made>()
  return (...args) => {
    const key = checkArguments(method, args)
    const known = (key === undefined ? undefined : made.get(key)) ?? make(...args)
    if (key !== undefined) made.set(key, known)
    return known
  }
}
