// Short answers of our own, as text that no browser takes for a page, a module or a cacheable thing.
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ConnectViteError } from '../errors.js'
import type { Response } from '../http.js'

const HEADERS = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
}

export interface PlainAnswer {
  status: number
  message: string
}

/** What a client is told of an error: the code to look up, and the sentences. */
export function answerOf({ status, code, message }: ConnectViteError): PlainAnswer {
  return { status, message: `${code}: ${message}` }
}

/** Answers a request; one that has been answered in part is cut off, so that nobody takes it for whole. */
export function answerPlainly(res: Response, { status, message }: PlainAnswer): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  // Headers of an answer that was begun and given up, a Content-Length above all.
  for (const name of res.getHeaderNames()) {
    if (/^(?:content-|etag$|last-modified$)/.test(name)) res.removeHeader(name)
  }
  res.writeHead(status, HEADERS)
  res.end(`${message}\n`)
}

/** Answers an upgrade, for which Node has no response object, and closes the connection. */
export function answerUpgradePlainly(socket: Duplex, { status, message }: PlainAnswer): void {
  const body = `${message}\n`
  const headers = { ...HEADERS, 'Content-Length': Buffer.byteLength(body), Connection: 'close' }
  socket.end(`${headText(status, Object.entries(headers))}${body}`, () => socket.destroy())
}

/** Status line and headers as they go over the wire; header values are Latin-1 (RFC 9110 §5.5). */
export function headText(
  status: number,
  headers: Iterable<readonly [string, string | number]>,
): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`]
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
