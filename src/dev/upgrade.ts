// Listens for upgrades on the app's own server, whichever it is, and takes those that are Vite's.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Request } from '../http.js'

/** Which upgrades are taken, and what is done with them. */
export interface UpgradeTaker {
  /** Synchronous and without effects: it is also asked on behalf of others. */
  claims(req: IncomingMessage): boolean
  take(req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface UpgradeHub {
  /** Starts to listen on the server that this request came through, once per server. */
  attach(req: Request): void
  /** Stops listening, everywhere. */
  close(): void
}

type UpgradeListener = (req: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Marks our listeners, for every copy of this package in the process. */
const CLAIMS = Symbol.for('connect-vite.upgrade')
type MarkedListener = UpgradeListener & { [CLAIMS]?: UpgradeTaker['claims'] }

/** One hub serves one middleware, on as many servers as the app has. */
export function createUpgradeHub({ claims, take }: UpgradeTaker): UpgradeHub {
  const detachers = new Map<Server, () => void>()
  let closed = false

  return {
    attach(req) {
      const server = serverOf(req)
      if (!server || closed || detachers.has(server)) return

      const listener: MarkedListener = (upgrade, socket, head) => {
        if (claims(upgrade)) {
          // Node takes its own error listener away: a reset from here on would end the process.
          socket.on('error', () => socket.destroy())
          take(upgrade, socket, head)
        } else if (nobodyElseWill(server, listener, upgrade)) {
          giveBack(server, upgrade, socket, head)
        }
      }
      listener[CLAIMS] = claims
      const detach = () => {
        server.off('upgrade', listener).off('close', detach)
        detachers.delete(server)
      }
      detachers.set(server, detach)
      server.on('upgrade', listener).on('close', detach)
    },
    close() {
      closed = true
      for (const detach of detachers.values()) detach()
    },
  }
}

/** HTTP, HTTPS, and HTTP/2 over TLS, whose compatibility layer shows the same property. */
function serverOf(req: Request): Server | undefined {
  return (req.socket as { server?: Server } | undefined)?.server
}

/**
 * Whether every listener is ours and declines; then the first of them has to act. With a listener that
 * is not ours (socket.io, ws) the socket is theirs, to answer or to close.
 */
function nobodyElseWill(server: Server, self: MarkedListener, req: IncomingMessage): boolean {
  const listeners = server.listeners('upgrade') as MarkedListener[]
  return listeners[0] === self && listeners.every((other) => other[CLAIMS]?.(req) === false)
}

/**
 * Without any listener Node would have treated this as an ordinary request. So that ours changes nothing
 * for the app, the connection goes back to Node with the request as it was, less the wish to upgrade.
 * https://nodejs.org/api/http.html#event-connection
 */
function giveBack(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] ?? ''
    const value = req.rawHeaders[i + 1] ?? ''
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
