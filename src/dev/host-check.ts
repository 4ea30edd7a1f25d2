// The check of the Host header. Vite makes it itself, except where it serves HTTPS.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { ViteDevServer } from 'vite'

/** Decides on the value of a `Host` header. */
export type HostCheck = (host: string | undefined) => boolean

/** RFC 9110 §7.2: a host and perhaps a port. Nothing else: no userinfo, no list, no spaces. */
const HOST = /^(?:\[([\da-f:.]+)\]|([a-z\d._-]+))(?::\d*)?$/i

/**
 * Against DNS rebinding: a page on `evil.example` whose name is pointed at this machine reaches the server,
 * but its requests still say `Host: evil.example`. Loopback names and IP addresses cannot be rebound; other
 * names have to be allowed. The same rule as Vite's `server.allowedHosts`.
 */
export function createHostCheck(allowedHosts: readonly string[] | true): HostCheck {
  if (allowedHosts === true) return () => true
  const allowed = allowedHosts.map((host) => host.toLowerCase())
  const suffixes = ['.localhost', ...allowed.filter((host) => host.startsWith('.'))]
  const names = new Set(['localhost', ...allowed.map((host) => host.replace(/^\./, ''))])

  return (host) => {
    const name = hostName(host)
    if (name === undefined) return false
    return isIP(name) !== 0 || names.has(name) || suffixes.some((suffix) => name.endsWith(suffix))
  }
}

/**
 * The check for endpoints of our own in a Vite. Before version 7 Vite makes its own check behind the middlewares of
 * plugins; the same names are allowed here.
 */
export function createEndpointCheck({
  server,
}: ViteDevServer['config']): (req: IncomingMessage) => boolean {
  const { allowedHosts = [], host, origin } = server
  if (allowedHosts === true) return () => true
  const names = [...allowedHosts]
  if (typeof host === 'string') names.push(host)
  if (origin && URL.canParse(origin)) names.push(new URL(origin).hostname)
  const mayName = createHostCheck(names)
  return (req) => mayName(requestHost(req))
}

/** The host that a request names: `:authority` in HTTP/2, and it wins there (RFC 9113 §8.3.1). */
export function requestHost(req: IncomingMessage): string | undefined {
  const authority = req.headers[':authority']
  return typeof authority === 'string' ? authority : req.headers.host
}

/** The name without port and brackets, in lower case; `undefined` when it is not a host at all. */
export function hostName(host: string | undefined): string | undefined {
  const [, v6, name] = HOST.exec(host ?? '') ?? []
  if (v6 !== undefined) return isIP(v6) === 6 ? v6.toLowerCase() : undefined
  return name?.toLowerCase()
}

/** Whether a URL's host can only be this machine. */
export function isLoopback(url: URL): boolean {
  const name = hostName(url.host) ?? ''
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || isLoopback4(name)
}

/** Whether a socket's other end is this machine. A Unix socket has no address, and only this machine reaches it. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address === undefined || address === '::1' || isLoopback4(address.replace(/^::ffff:/i, ''))
}

function isLoopback4(name: string): boolean {
  return isIP(name) === 4 && name.startsWith('127.')
}
