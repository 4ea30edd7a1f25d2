// What stands behind every middleware: an app with one page that is there, and a 404 for the rest.
import type { RequestListener } from 'node:http'
import type { Handler, Request } from '../../src/http.js'

export const PAGE = '/users/42'

export const page: RequestListener = function page(req, res) {
  res.statusCode = req.url === PAGE ? 200 : 404
  res.end(res.statusCode === 200 ? 'A page' : 'Not found')
}

/** A middleware on bare `node:http`. */
export function bareListener(handler: Handler): RequestListener {
  return (req, res) => handler(req as Request, res, () => page(req, res))
}
