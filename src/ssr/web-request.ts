// Node's request as the web's, through @remix-run/node-fetch-server, with what Express needs besides.
// Imported by the first request that needs it, because most apps have none and all would load it at startup.
import { createRequest } from '@remix-run/node-fetch-server'
import { ConnectViteError } from '../errors.js'
import { type Request as NodeRequest, type Response as NodeResponse, originalUrl } from '../http.js'

/** A host name or address, with or without a port. `x/admin?` would turn any path into another one. */
const HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\:[\]<>^|%]+)(?::\d{1,5})?$/i
/** Segments that a URL parser takes away, so that a guard on `/admin` would see another path than the app. */
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * The request as the web knows it, with the URL that the client asked for, mount path included.
 * `undefined` when there is no such URL: a malformed host or target, which is a 400.
 *
 * @throws ConnectViteError `ERR_UNSUPPORTED` when a body parser has taken the body
 */
export function toWebRequest(req: NodeRequest, res: NodeResponse): Request | undefined {
  const host = hostOf(req)
  const target = targetOf(req)
  if (host === undefined || target === undefined) return undefined
  const wasRead = req.readableDidRead || req.readableEnded
  if (wasRead && hasBody(req)) throw bodyTaken(req)

  // The adapter reads `url`, from which Express has taken the mount path.
  const { url } = req
  req.url = target
  try {
    const request = hold(res, createRequest(req, res, { host, protocol: protocolOf(req) }))
    if (!request.body) return request
    res.once('finish', () => drain(req, request))
    if (!wasRead) return request
    // An empty body that was read to its end: nothing would ever come.
    const { method, headers, signal } = request
    return hold(res, new Request(request.url, { method, headers, signal }))
  } finally {
    if (url !== undefined) req.url = url
  }
}

/**
 * Keeps the request for as long as its response is open. Node's `Request` holds the controller of its signal
 * weakly, so that a garbage collection would lose the abort for a handler that keeps the signal alone.
 */
function hold(res: NodeResponse, request: Request): Request {
  const held = new Set([request])
  res.once('close', () => held.clear())
  return request
}

/** A body that was not read blocks the connection's next request. */
function drain(req: NodeRequest, { body }: Request): void {
  if (req.readableEnded || body?.locked) return
  void body?.cancel()
  req.resume()
}

/** What Express adds to a request, in each of its majors. */
interface ExpressRequest extends NodeRequest {
  app?: { get?(name: string): unknown }
  protocol?: unknown
}

function hostOf(req: ExpressRequest): string | undefined {
  const authority = req.headers[':authority']
  const host = forwardedHost(req) ?? (typeof authority === 'string' ? authority : req.headers.host)
  // HTTP/1.0 knows no Host.
  if (host === undefined || host === '') return 'localhost'
  return HOST.test(host) && URL.canParse(`http://${host}`) ? host : undefined
}

/** As Express 5's `req.host`: that of Express 4 has no port, and prints a warning. */
function forwardedHost(req: ExpressRequest): string | undefined {
  const header = req.headers['x-forwarded-host']
  if (header === undefined) return undefined
  const trusts = req.app?.get?.('trust proxy fn')
  if (typeof trusts !== 'function' || !trusts(req.socket.remoteAddress, 0)) return undefined
  return String(header).split(',')[0]?.trim()
}

/** Path and query; of an absolute-form target (RFC 9112 §3.2.2) too. */
function targetOf(req: NodeRequest): string | undefined {
  const target = originalUrl(req).replace(/^https?:\/\/[^/?#]*/i, '')
  const path = target.replace(/[?#].*$/s, '')
  if (target === '' || target[0] === '?') return `/${target}`
  return path[0] === '/' && !path.includes('\\') && !DOT_SEGMENT.test(path) ? target : undefined
}

/** Express's `req.protocol` follows the app's own `trust proxy`. */
function protocolOf(req: ExpressRequest): string {
  if (req.protocol === 'https' || req.protocol === 'http') return `${req.protocol}:`
  return 'encrypted' in req.socket && req.socket.encrypted ? 'https:' : 'http:'
}

function hasBody({ headers }: NodeRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}

function bodyTaken(req: NodeRequest): ConnectViteError {
  return new ConnectViteError('ERR_UNSUPPORTED', {
    what: `The body of ${req.method} ${originalUrl(req)} has been read before the fetch handler could.`,
    likelyCause: 'a body parser such as express.json() is mounted before it',
    remedy: 'Mount fetchable() before body parsers, or give them the routes that need them alone.',
  })
}
