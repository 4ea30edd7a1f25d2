// Interception of Vite's upgrades on the app's own server, before another listener can answer or close them.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Request } from '../http.js'
import { pairs } from './plain-answer.js'

/** Which upgrades are taken, and what is done with them. */
export interface UpgradeTaker {
  claims(req: IncomingMessage): boolean
  /** Whether an upgrade is for this taker and no other, where several on one server claim it. */
  owns?(req: IncomingMessage): boolean
  take(req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface UpgradeHub {
  /** Starts to take upgrades of a server, once per server. */
  attach(server: Server | undefined): void
  /** Takes no more, anywhere. */
  close(): void
}

type Upgrade = [req: IncomingMessage, socket: Duplex, head: Buffer]
type Emit = (event: string | symbol, ...args: unknown[]) => boolean

/** Marks our listeners, for every copy of this package in the process. */
const OURS = Symbol.for('connect-vite.upgrade')

/** The takers of a server, those of every copy of this package. */
function takersOf(server: Server & { [TAKERS]?: Set<UpgradeTaker> }): Set<UpgradeTaker> {
  server[TAKERS] ??= new Set()
  return server[TAKERS]
}

const TAKERS: unique symbol = Symbol.for('connect-vite.upgrade-takers') as never

/** Vite's two subprotocols: updates, and whether it is up again. */
const PROTOCOLS = new Set<unknown>(['vite-hmr', 'vite-ping'])

/** Vite's own rule: this very path, and one of its subprotocols. */
export function isHmrUpgrade({ url, headers }: IncomingMessage, path: string): boolean {
  return PROTOCOLS.has(headers['sec-websocket-protocol']) && url?.split('?', 1)[0] === path
}

/** One hub serves one middleware, on as many servers as the app has. */
export function createUpgradeHub(taker: UpgradeTaker): UpgradeHub {
  const detachers = new Map<Server, () => void>()
  let closed = false

  function takeOver(server: Server, ...[req, socket, head]: Upgrade): boolean {
    if (closed || !taker.claims(req) || isOfAnother(server, req)) return false
    // Node takes its own error listener away: a reset from here on would end the process.
    socket.on('error', () => socket.destroy())
    taker.take(req, socket, head)
    return true
  }

  /** Two apps on one server (virtual hosts) have the same base, and so the same path for their sockets. */
  function isOfAnother(server: Server, req: IncomingMessage): boolean {
    const others = [...takersOf(server)].filter((one) => one !== taker)
    if (taker.owns?.(req)) return false
    if (others.some((one) => one.owns?.(req))) return true
    // One that can tell leaves the rest to one that cannot.
    return taker.owns !== undefined && others.some((one) => !one.owns && one.claims(req))
  }

  return {
    attach(server) {
      if (!server || closed || detachers.has(server)) return
      const stopListening = listen(server)
      const stopTaking = takeFirst(server, (...upgrade) => takeOver(server, ...upgrade))
      const takers = takersOf(server).add(taker)
      const detach = () => {
        takers.delete(taker)
        stopTaking()
        stopListening()
        server.off('close', detach)
        detachers.delete(server)
      }
      detachers.set(server, detach)
      server.on('close', detach)
    },
    close() {
      closed = true
      for (const detach of detachers.values()) detach()
    },
  }
}

/** The server that a request came through: HTTP, HTTPS, or HTTP/2 over TLS, whose compatibility layer shows it too. */
export function serverOf(req: Request): Server | undefined {
  return (req.socket as { server?: Server } | undefined)?.server
}

/**
 * A listener is not enough: every listener is given the same socket, and a WebSocket server of the app's
 * answers what is not for it with 400, or takes every one. So Vite's upgrades are kept from all listeners.
 */
function takeFirst(server: Server, takeOver: (...upgrade: Upgrade) => boolean): () => void {
  const emit = server.emit as Emit
  const intercepting: Emit = (...all) =>
    (all[0] === 'upgrade' && takeOver(...(all.slice(1) as Upgrade))) ||
    Reflect.apply(emit, server, all)
  server.emit = intercepting as Server['emit']
  return () => {
    // Another wrapper around ours keeps it, and it lets everything through.
    if (server.emit === intercepting) server.emit = emit as Server['emit']
  }
}

/**
 * Without a listener Node emits no upgrade at all. Ours acts where there is no other listener. With a
 * listener that is not ours (socket.io, ws) the socket is theirs, to answer or to close.
 */
function listen(server: Server): () => void {
  const listener = Object.assign(
    (...[req, socket, head]: Upgrade) => {
      const all = server.listeners('upgrade')
      if (all[0] === listener && all.every((other) => OURS in other))
        giveBack(server, req, socket, head)
    },
    { [OURS]: true },
  )
  server.on('upgrade', listener)
  return () => void server.off('upgrade', listener)
}

/**
 * Without any listener Node would have treated this as an ordinary request. So that ours changes nothing
 * for the app, the connection goes back to Node with the request as it was, less the wish to upgrade.
 * https://nodejs.org/api/http.html#event-connection
 */
function giveBack(server: Server, ...[req, socket, head]: Upgrade): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (const [name, value] of pairs(req.rawHeaders)) {
    const kept = HOP_HEADERS[name.toLowerCase()]?.(value) ?? value
    if (kept) lines.push(`${name}: ${kept}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

/** What is left of the two headers that ask for an upgrade. */
const HOP_HEADERS: Record<string, ((value: string) => string) | undefined> = {
  __proto__: undefined,
  upgrade: () => '',
  connection: (value) =>
    value
      .split(',')
      .filter((token) => token.trim().toLowerCase() !== 'upgrade')
      .join(','),
}
