// Error pages of the app in development: they get Vite's client, so that they load again once the error is fixed.
import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Response } from '../http.js'
import { attachedError } from '../module-error.js'
import { escapeAttribute } from '../tags/html.js'
import { ERROR_MARK } from './page-client.js'

export interface ErrorPageInput {
  /** The URL of Vite's client. */
  clientUrl(): string
  /** The page's nonce. */
  nonce(): string | undefined
}

/**
 * Watches the answer to a navigation. One with a status of 500 or more and HTML in it gets the client's script at its
 * end, and loses the terminal's colour codes. Everything else passes through as it is.
 *
 * The answer is collected before it goes out: compression that is mounted behind this middleware has to be undone
 * first. An error page is short, and nobody streams one.
 */
export function recoverErrorPage(res: Response, input: ErrorPageInput): void {
  const { writeHead, write, end } = res
  const chunks: Buffer[] = []
  let state: 'undecided' | 'collecting' | 'passing' = 'undecided'
  let isHeadSeen = false

  function collects(): boolean {
    if (state !== 'undecided') return state === 'collecting'
    // As Node does with the first part: sessions and logs wrap `writeHead`, and add to the headers there.
    if (!res.headersSent && isErrorPage(res) && !isHeadSeen) res.writeHead(res.statusCode)
    state = !res.headersSent && isErrorPage(res) ? 'collecting' : 'passing'
    return state === 'collecting'
  }

  function add(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, encodingOf(encoding)))
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
  }

  function giveBack(): void {
    state = 'passing'
    Object.assign(res, { writeHead, write, end })
  }

  // An explicit head would be on its way before the body is known, so that of an error page is kept back.
  res.writeHead = ((...all: HeadArguments) => {
    const [status, ...rest] = all
    const headers = rest.find((one) => typeof one === 'object')
    if (
      state === 'passing' ||
      (state === 'undecided' && !(status >= 500 && isHtml(res, headers)))
    ) {
      return Reflect.apply(writeHead as Apply, res, all)
    }
    isHeadSeen = true
    res.statusCode = status
    for (const [name, value] of pairsOf(headers)) res.setHeader(name, value)
    return res
  }) as typeof writeHead

  res.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (!collects()) return Reflect.apply(write as Apply, res, [chunk, ...rest])
    add(chunk, rest[0])
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }) as typeof write

  res.end = ((...all: unknown[]) => {
    if (!collects()) return Reflect.apply(end as Apply, res, all)
    if (typeof all[0] !== 'function') add(all[0], all[1])
    const body = withClient(decoded(res, Buffer.concat(chunks)), res, input)
    giveBack()
    for (const name of ['content-encoding', 'content-length', 'etag']) res.removeHeader(name)
    if (res.getHeader('content-security-policy') === CLOSED_POLICY) {
      res.setHeader('Content-Security-Policy', CLIENT_POLICY)
    }
    const done = all.find((argument) => typeof argument === 'function')
    return Reflect.apply(end as Apply, res, done ? [body, done] : [body])
  }) as typeof end
}

type Apply = (...all: unknown[]) => unknown
type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]
type HeadArguments = [status: number, ...rest: (string | Headers | undefined)[]]

function encodingOf(value: unknown): BufferEncoding {
  return typeof value === 'string' ? (value as BufferEncoding) : 'utf8'
}

/** Headers as `writeHead` takes them: an object, or names and values in turn. */
function pairsOf(headers: unknown): [string, string | string[]][] {
  if (!Array.isArray(headers)) {
    return Object.entries((headers ?? {}) as Record<string, string | string[]>)
  }
  return headers.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), headers[index + 1]] as [string, string]] : [],
  )
}

function isHtml(res: Response, headers: unknown): boolean {
  const given = pairsOf(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return /^text\/html\b/i.test(String(given ?? res.getHeader('content-type') ?? ''))
}

/** The policy of `finalhandler`, which writes the error pages of Express and Connect. It allows no script at all. */
const CLOSED_POLICY = "default-src 'none'"

/** The same with what Vite's client needs: itself, its socket and the style of its overlay. */
const CLIENT_POLICY = `${CLOSED_POLICY}; script-src 'self'; connect-src 'self' ws: wss:; style-src 'unsafe-inline'`

function isErrorPage(res: Response): boolean {
  const coding = String(res.getHeader('content-encoding') ?? 'identity')
  return res.statusCode >= 500 && isHtml(res, undefined) && coding in DECODERS
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  __proto__: null as never,
  identity: (body) => body,
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
}

function decoded(res: Response, body: Buffer): string {
  const coding = String(res.getHeader('content-encoding') ?? 'identity')
  return DECODERS[coding]!(body).toString()
}

/** Control sequences of a terminal (ECMA-48 §5.4). */
const COLOURS = /\u001b\[[\d;]*[A-Za-z]/g

function withClient(html: string, res: Response, { clientUrl, nonce }: ErrorPageInput): string {
  const error = attachedError(res)
  const text = html.replace(COLOURS, '')
  const value = error ? JSON.stringify(error.err) : ''
  const attributes = [
    'type="module"',
    `src="${escapeAttribute(clientUrl())}"`,
    `${ERROR_MARK}="${escapeAttribute(value)}"`,
    ...(nonce() === undefined ? [] : [`nonce="${nonce()}"`]),
  ]
  return `${text}\n<script ${attributes.join(' ')}></script>\n`
}
