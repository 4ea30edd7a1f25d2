// The frame of every page and server handler: which requests it takes, and where its errors go.
import { type Handler, isGone, type Request, type Response } from '../http.js'
import { debug } from '../logger.js'
import type { SsrHost } from './host.js'

/** Codes of errors that only report that the client has left. */
const GONE = new Set([
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
  'ECONNRESET',
])

export interface Answering {
  /** The entry or HTML file that errors belong to. */
  origin: string
  /** Requests that this handler does not take go to `next()`. */
  takes(req: Request, handler: Handler): boolean
  /** Resolves when the response has been sent. */
  answer(req: Request, res: Response): Promise<void>
}

/**
 * An error reaches `next()` as long as the response has not begun. After that the response is cut, so that
 * the client does not take a part for the whole, and the error is logged.
 */
export function handlerOf(host: SsrHost, { origin, takes, answer }: Answering): Handler {
  return function connectViteHandler(req, res, next) {
    if (!takes(req, connectViteHandler)) return next()
    answer(req, res).then(
      () => host.failures.worked(origin),
      (thrown: unknown) => {
        const error = asError(thrown)
        if (isGone(res) && isAbort(error)) return debug('%s: the client has left', origin)
        const failure = host.failures.failed(origin, error, res)
        if (!res.headersSent && !isGone(res)) return next(failure)
        res.destroy()
        host.logger.error(`${origin}: too late to answer with an error page.\n${error.stack}`)
      },
    )
  }
}

/** Any value can be thrown, and `next('route')` or `next(undefined)` would mean something else. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`A server module threw ${describe(thrown)}, which is not an Error.`, {
    cause: thrown,
  })
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  } catch {
    return `a value of type ${typeof value}`
  }
}

/** Whether an error only reports that the client has left. */
function isAbort(error: Error): boolean {
  return error.name === 'AbortError' || GONE.has((error as NodeJS.ErrnoException).code ?? '')
}
