// NODE_DEBUG=connect-vite: tells of each request whether it was answered here or is the app's. Costs nothing otherwise.
import { type Handler, originalUrl } from './http.js'
import { debug } from './logger.js'

export function telling(handle: Handler): Handler {
  if (!debug.enabled) return handle
  return function tell(req, res, next) {
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
