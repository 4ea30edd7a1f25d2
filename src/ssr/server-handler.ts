// handler(): a router or middleware that a server module exports, asked for anew with each request.
import { ConnectViteError } from '../errors.js'
import type { Handler, Next } from '../http.js'
import { asError } from './handler.js'
import type { ServerModule, ServerModuleOptions, SsrHost } from './host.js'

/** Options of `handler()`. */
export type HandlerOptions = ServerModuleOptions

/** What the module exports: a router, an app or a function. What it returns may be a promise. */
type Exported = (...all: Parameters<Handler>) => unknown

export function createServerHandler(
  host: SsrHost,
  entry: string,
  options: HandlerOptions = {},
): Handler {
  const load = host.modules.openHandler(entry, options)

  return function connectViteHandler(req, res, next) {
    // An Express app that is exported puts its own prototypes on both.
    const prototypes = [req, res].map((one) => [one, Object.getPrototypeOf(one)] as const)
    let isOver = false

    const leave: Next = (error) => {
      if (isOver) return
      isOver = true
      for (const [one, prototype] of prototypes) Object.setPrototypeOf(one, prototype)
      // `next('route')` and `next('router')` are no errors.
      next(error instanceof Error ? host.failures.failed(entry, error, res) : error)
    }
    const fail = (thrown: unknown) => leave(asError(thrown))

    load()
      .then((module) => {
        const exported = exportedBy(module, entry)
        host.failures.worked(entry)
        return exported(req, res, leave)
      })
      .then(undefined, fail)
  }
}

function exportedBy(module: ServerModule, entry: string): Exported {
  // CommonJS builds have their exports on `default`.
  for (const holder of [module, module.default]) {
    const exported = (holder as { default?: unknown } | null | undefined)?.default
    if (typeof exported !== 'function') continue
    if (exported.length > 3) throw errorHandler(entry)
    return exported as Exported
  }
  throw new ConnectViteError('ERR_SSR_EXPORT', {
    what: 'The server module has no handler as its default export.',
    lookedIn: `${entry}, which exports ${Object.keys(module).join(', ') || 'nothing'}`,
    remedy:
      'Write `export default router` there, or `export default (req, res, next) => { … }`. For a fetch handler use fetchable().',
  })
}

/** Express tells error handlers by their four parameters, and this one is mounted as a handler of requests. */
function errorHandler(entry: string): ConnectViteError {
  return new ConnectViteError('ERR_SSR_EXPORT', {
    what: 'The default export of the server module handles errors: it has four parameters.',
    lookedIn: entry,
    remedy: 'Add the error handler to a router, and export that.',
  })
}
