// Gives one request to Vite, and takes it back as it was when Vite has no answer.
import type { OutgoingHttpHeaders } from 'node:http'
import type { ViteDevServer } from 'vite'
import { type Next, originalUrl, type Request, type Response } from '../../http.js'
import { requestHost } from '../gate.js'
import { watchPipes } from './piped-files.js'

/**
 * Gives a request to Vite under its original URL, and to the app again, untouched, when Vite has no answer:
 * Vite takes its base off `req.url` and may have set headers.
 */
export function handOver(vite: ViteDevServer, req: Request, res: Response, next: Next): void {
  const { url } = req
  const { host } = req.headers
  const hadOriginalUrl = 'originalUrl' in req
  const headers = res.getHeaders()
  req.url = originalUrl(req)
  // HTTP/2 has it in `:authority`. Vite's check against DNS rebinding looks here, and passes where nothing is.
  if (host === undefined) req.headers.host = requestHost(req)
  const stopWatching = watchPipes(res, ({ message }) =>
    vite.config.logger.error(`${originalUrl(req)} was broken off: ${message}`),
  )
  vite.middlewares(req, res, (err?: unknown) => {
    if (res.headersSent) return
    stopWatching()
    req.url = url
    if (host === undefined) delete req.headers.host
    if (!hadOriginalUrl) delete req.originalUrl
    restoreHeaders(res, headers)
    next(err)
  })
}

/** Touches only what changed, so that the others keep the spelling that the app gave them. */
function restoreHeaders(res: Response, before: OutgoingHttpHeaders): void {
  const after = res.getHeaders()
  for (const name of Object.keys({ ...after, ...before })) {
    const value = before[name]
    if (value === after[name]) continue
    if (value === undefined) res.removeHeader(name)
    else res.setHeader(name, value)
  }
}
