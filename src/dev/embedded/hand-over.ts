// One request on its way through Vite's middlewares, and back unchanged when Vite has no answer.
import type { OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { ViteDevServer } from 'vite'
import { type Next, originalUrl, type Request, type Response } from '../../http.js'
import { requestHost } from '../host-check.js'

/**
 * Vite takes its base off `req.url` and may set headers before it passes a request on. Both are restored, so that
 * `next` finds the request as it came. The status is 200 meanwhile: Koa begins each response with 404, and Vite sends
 * bundled files without setting one.
 */
export function handOver(vite: ViteDevServer, req: Request, res: Response, next: Next): void {
  const { url } = req
  const { host } = req.headers
  const hadOriginalUrl = 'originalUrl' in req
  const headers = res.getHeaders()
  const { statusCode } = res
  res.statusCode = 200
  req.url = originalUrl(req)
  // Vite's check against DNS rebinding passes a request without `Host`; HTTP/2 has it in `:authority`.
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
    res.statusCode = statusCode
    restoreHeaders(res, headers)
    next(err)
  })
}

/** Changes only what differs, so that the others keep the spelling that the app gave them. */
export function restoreHeaders(res: Response, before: OutgoingHttpHeaders): void {
  const after = res.getHeaders()
  for (const name of Object.keys({ ...after, ...before })) {
    const value = before[name]
    if (value === after[name]) continue
    if (value === undefined) res.removeHeader(name)
    else res.setHeader(name, value)
  }
}

/**
 * Vite pipes files into a response without a look back: sirv's `createReadStream(file).pipe(res)`. A client that
 * leaves would keep the descriptor open, and a source that fails would end the process. So the source ends with the
 * response. A failed source breaks the response off, because its head is written by then.
 *
 * @param failed gets the reason
 * @returns stops watching
 */
function watchPipes(res: Response, failed: (error: Error) => void): () => void {
  const watch = (source: Readable) => {
    res.once('close', () => source.destroy())
    source.once('error', (error) => {
      failed(error)
      res.destroy()
    })
  }
  res.on('pipe', watch)
  return () => void res.off('pipe', watch)
}
