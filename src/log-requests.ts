// Request log for NODE_DEBUG=connect-vite: which requests were answered here, and which went to the app.
import { type Handler, originalUrl } from './http.js'
import { debug } from './logger.js'

export function logRequests(handle: Handler): Handler {
  if (!debug.enabled) return handle
  return function connectViteLog(req, res, next) {
    const target = `${req.method} ${originalUrl(req)}`
    const answered = () => debug('%s: answered with %d', target, res.statusCode)
    res.once('close', answered)
    handle(req, res, (error) => {
      res.off('close', answered)
      debug('%s: %s', target, error ? `failed: ${(error as Error).message}` : "the app's")
      next(error)
    })
  }
}
