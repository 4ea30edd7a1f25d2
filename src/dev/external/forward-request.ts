// One request to an external Vite and its answer back, both as they came.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import { isGone, type Next, originalUrl, type Request, type Response } from '../../http.js'
import { requestHost } from '../host-check.js'
import { answerOf, answerPlainly } from '../plain-answer.js'
import type { ExternalVite } from './external-vite.js'
import { endToEnd, requestHeaders } from './headers.js'

/** Answers that a URL may get. Any other one is a guess of the dev server, and the URL is a route of the app. */
export interface ForwardRules {
  /** `file`: HTML that lies in a file, not a page that Vite makes, which may be its SPA fallback. */
  html: 'any' | 'file' | 'none'
  /** It can name a module; otherwise Vite has found `api/users.ts` for `/api/users`. */
  script: boolean
  /** It may as well be a page of the app: then an error of Vite's is no answer, nor is a server that is down. */
  orPage?: boolean
}

export interface RequestExchange {
  req: Request
  res: Response
  next: Next
  rules: ForwardRules
  vite: ExternalVite
}

export function forwardRequest(exchange: RequestExchange): void {
  const { req, res, next, rules, vite } = exchange
  const outgoing = {
    path: originalUrl(req),
    method: req.method,
    headers: requestHeaders(req.rawHeaders, requestHost(req)),
  }
  if (!isGone(res)) send(false)

  function send(fresh: boolean): void {
    const asked = vite.request({ ...outgoing, fresh, awaited: true })
    const abandon = () => asked.destroy()
    res.once('close', abandon)
    const settled = settle(asked, {
      answer(incoming) {
        vite.answered()
        if (isForTheApp(incoming, rules)) {
          res.off('close', abandon)
          incoming.destroy()
          next()
        } else {
          vite.imports.follow(outgoing.path, incoming)
          relay(incoming, res, fail)
        }
      },
      failure(error) {
        res.off('close', abandon)
        if (isGone(res)) return
        // A kept connection that Vite had closed in the meantime: nothing was answered on it (RFC 9110 §9.2.2).
        if (asked.reusedSocket && STALE.has(error.code)) send(true)
        else fail(error)
      },
    })
    asked.on('information', (info) => {
      if (!settled() && info.statusCode === 103) relayEarlyHints(req, res, info.rawHeaders)
    })
    asked.end()
  }

  function fail(cause: unknown): void {
    const error = vite.failed(cause)
    if (rules.orPage) next()
    else answerPlainly(res, answerOf(error))
  }
}

/** How a connection fails that the other side has closed. */
const STALE = new Set<unknown>(['ECONNRESET', 'EPIPE'])

interface Outcome {
  answer(incoming: IncomingMessage): void
  failure(error: NodeJS.ErrnoException): void
}

/** Exactly one of the two happens, once. Later events of the socket belong to the answer. */
function settle(asked: ClientRequest, on: Outcome): () => boolean {
  let settled = false
  const once =
    <T>(act: (value: T) => void) =>
    (value: T) => {
      if (settled) return
      settled = true
      act(value)
    }
  const failure = once(on.failure)
  asked.on('response', once(on.answer)).on('error', failure)
  // A 101 without a question. Node leaves the request hanging where there is no listener.
  asked.on('upgrade', (_, socket) => {
    socket.destroy()
    failure(new Error('it switched protocols without being asked to'))
  })
  return () => settled
}

const HTML = /^(?:text\/html|application\/xhtml\+xml)\b/i
const JAVASCRIPT = /^(?:text|application)\/(?:x-)?javascript\b/i

/** An error of Vite's (403, 500, 504) is an answer; only a page or a module can be a wrong guess. */
function isForTheApp(incoming: IncomingMessage, rules: ForwardRules): boolean {
  const { statusCode = 0, headers } = incoming
  if (statusCode === 404 || (rules.orPage && statusCode >= 400)) return true
  if (statusCode >= 300) return false
  const type = headers['content-type'] ?? ''
  if (HTML.test(type)) return rules.html === 'none' || (rules.html === 'file' && isMade(incoming))
  return !rules.script && JAVASCRIPT.test(type)
}

/**
 * Vite sends a page with an entity tag and no date, a file with both; a plugin's middleware seldom has a tag.
 * https://github.com/vitejs/vite/blob/main/packages/vite/src/node/server/send.ts
 */
function isMade({ headers }: IncomingMessage): boolean {
  return headers.etag !== undefined && headers['last-modified'] === undefined
}

/** A dev server that dies half way, a slow reader, a client that goes away: `pipeline` knows them all. */
function relay(incoming: IncomingMessage, res: Response, fail: (cause: unknown) => void): void {
  const headers = [...endToEnd(incoming.rawHeaders)]
  try {
    res.statusCode = incoming.statusCode ?? 502
    // The app's headers for caching and types are for its own pages. `Vary` is added to.
    for (const [name] of headers) if (!/^vary$/i.test(name)) res.removeHeader(name)
    for (const [name, value] of headers) res.appendHeader(name, value)
    res.flushHeaders()
  } catch (error) {
    // Node does not send everything that it reads: a status below 100, for one.
    incoming.destroy()
    fail(error)
    return
  }
  pipeline(incoming, res, () => {})
}

/** RFC 8297. A client that speaks HTTP/1.0 does not know 1xx answers. */
function relayEarlyHints(req: Request, res: Response, rawHeaders: readonly string[]): void {
  if (req.httpVersion === '1.0' || res.headersSent) return
  const link = [...endToEnd(rawHeaders)]
    .filter(([name]) => name.toLowerCase() === 'link')
    .flatMap(([, value]) => value.split(/,\s*(?=<)/))
  try {
    res.writeEarlyHints({ link })
  } catch {
    // A hint that Node does not understand is not worth a failure.
  }
}
