// Headers on the way to an external Vite and back, without those of one connection.
import { type Header, pairs } from '../plain-answer.js'

/** RFC 9110 §7.6.1, and what RFC 2616 §13.5.1 counted besides. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What a request without a body must not carry on: its body was left behind, and Node has answered `Expect`. */
const FRAMING = new Set(['content-length', 'expect'])

/** Legal in HTTP/2, but not in a header line (RFC 9110 §5.5). */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/

/**
 * What `Connection` cannot take away. Vite's checks stand on these: without `Host` its rebinding check and
 * without `Origin` its socket token would let everybody through.
 */
const PROTECTED = /^(?:host|origin|sec-.*)$/

/** Header lines as they came, without those of the connection. */
export function* endToEnd(rawHeaders: readonly string[]): Generator<Header> {
  const headers = [...pairs(rawHeaders)]
  const named = new Set(
    headers
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((name) => name.trim())
      .filter((name) => !PROTECTED.test(name)),
  )
  for (const header of headers) {
    const name = header[0].toLowerCase()
    if (!HOP_BY_HOP.has(name) && !named.has(name)) yield header
  }
}

/**
 * A request's headers for the way to the dev server, flat. `Host` is the one that was checked, once: HTTP/2
 * has it in `:authority`, and a second line would leave it open which of the two counts.
 */
export function requestHeaders(rawHeaders: readonly string[], host: string | undefined): string[] {
  const headers = host === undefined ? [] : ['Host', host]
  for (const [name, value] of endToEnd(rawHeaders)) {
    const key = name.toLowerCase()
    if (key === 'host' || key.startsWith(':') || FRAMING.has(key) || UNSENDABLE.test(value))
      continue
    headers.push(name, value)
  }
  return headers
}
