// Short answers as plain text, and header lines as they go over the wire.
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

/** Answers a request. One that has been answered in part is cut off, so that no client takes it for whole. */
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

export type Header = readonly [name: string, value: string]

/** Name and value in turn, as Node has raw headers, as pairs. */
export function* pairs(rawHeaders: readonly string[]): Generator<Header> {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    yield [rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']
  }
}
