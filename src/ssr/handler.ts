// The frame of every handler here: which requests it takes, and where its errors go.
import type { Handler, Request, Response } from '../http.js'
import { debug } from '../logger.js'
import { asError, isAbort } from './errors.js'
import type { SsrHost } from './host.js'

export interface Answering {
  /** Whose errors these are: the entry, or the HTML file. */
  origin: string
  /** Requests that this handler does not take go to `next()`. */
  takes(req: Request): boolean
  /** Resolves when the response has been sent. */
  answer(req: Request, res: Response): Promise<void>
}

/**
 * An error reaches `next()` as long as the response has not begun. Afterwards nobody can answer any more:
 * the response is cut, so that the client does not take the half for the whole, and the error is logged.
 */
export function handlerOf(host: SsrHost, { origin, takes, answer }: Answering): Handler {
  return function connectViteHandler(req, res, next) {
    if (!takes(req)) return next()
    answer(req, res).then(
      () => host.failures.worked(origin),
      (thrown: unknown) => {
        const error = asError(thrown)
        if (isGone(res) && isAbort(error)) return debug('%s: the client has left', origin)
        const failure = host.failures.failed(origin, error)
        if (!res.headersSent && !isGone(res)) return next(failure)
        res.destroy()
        host.logger.error(`${origin}: too late to answer with an error page.\n${error.stack}`)
      },
    )
  }
}

/** Whether the client has left. HTTP/2 in Node's older clothes says so on the stream alone. */
export function isGone(res: Response): boolean {
  const { stream } = res as Response & { stream?: { destroyed: boolean } }
  return res.destroyed || stream?.destroyed === true
}
