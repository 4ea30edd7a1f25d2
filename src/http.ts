// The few words about HTTP that every room shares: request, response and next as Connect has them.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Hands the request on, with or without an error. */
export type Next = (err?: unknown) => void

/** A Node request, with what Express and Connect add to it. */
export interface Request extends IncomingMessage {
  /** The target as the client sent it; `url` loses the mount path under `app.use('/sub', …)`. */
  originalUrl?: string | undefined
  /** Express only: the mount path. */
  baseUrl?: string | undefined
  /** Express only: the route that matched, if it is one. */
  route?: { path?: unknown; stack?: readonly { handle?: unknown }[] } | undefined
}

/** A Node response, with what Express adds to it. */
export interface Response extends ServerResponse {
  locals?: Record<string, unknown> | undefined
}

/** A Connect-style handler. */
export type Handler = (req: Request, res: Response, next: Next) => void

/** The methods that a page has. */
export function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** The target as it came in, before any mount path was taken off. */
export function originalUrl(req: Request): string {
  return req.originalUrl ?? req.url ?? '/'
}

/**
 * Where the middleware is mounted, with a slash at both ends: `'/'`, or `'/sub/'`.
 * Express says so in `baseUrl`; Connect only shortens `url`, so there it is what `originalUrl` has more.
 */
export function mountPath(req: Request): string {
  if (req.baseUrl) return `${req.baseUrl}/`
  if (req.baseUrl === '' || !req.originalUrl || !req.url || req.originalUrl === req.url) return '/'
  return req.originalUrl.endsWith(req.url)
    ? `${req.originalUrl.slice(0, -req.url.length)}/`.replace(/\/+$/, '/')
    : '/'
}

/** Whether the client has left. Node's HTTP/2 compatibility API shows it on the stream only. */
export function isGone(res: Response & { stream?: { destroyed: boolean } }): boolean {
  return res.destroyed || res.stream?.destroyed === true
}
