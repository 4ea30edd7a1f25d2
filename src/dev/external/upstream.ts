// The connection to an external Vite: one fixed address, independent of the request.
import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { isIP, type Socket } from 'node:net'
import { isLoopback } from '../host-check.js'

/** Long enough for any machine that is there. The wait for an answer has no limit: a first transform may take long. */
const CONNECT_TIMEOUT = 5_000

export interface UpstreamRequest {
  /** Raw request target. */
  path: string
  method?: string | undefined
  /** Name, value, name, value: spelling, order and repetitions stay as they came. */
  headers: string[]
  /** A new connection, not one that was kept alive. */
  fresh?: boolean | undefined
  /** A client of the app's waits for the answer. It ends with that client, and `close()` lets it come. */
  awaited?: boolean | undefined
}

export interface Upstream {
  /** The caller listens to `error`, and calls `end()`. */
  request(request: UpstreamRequest): ClientRequest
  close(): void
}

export function createUpstream(target: URL): Upstream {
  const secure = target.protocol === 'https:'
  const { Agent, request } = secure ? https : http
  const host = target.hostname.replace(/^\[|\]$/g, '')
  // `servername` is said here because Node would otherwise derive it from a request's own Host.
  const tls = { servername: isIP(host) ? '' : host, rejectUnauthorized: !isLoopback(target) }
  const address = { host, port: target.port || (secure ? 443 : 80), ...(secure ? tls : {}) }
  const agent = new Agent({ keepAlive: true })
  // What ends by `close()`: requests that wait for their socket, and sockets, which outlive the request when they
  // become tunnels.
  const open = new Set<ClientRequest | Socket>()
  const track = (one: ClientRequest | Socket) => {
    if (open.has(one)) return
    open.add(one)
    one.once('close', () => open.delete(one))
  }

  return {
    request({ path, headers, method = 'GET', fresh = false, awaited = false }) {
      const outgoing = request({ ...address, path, method, headers, agent: fresh ? false : agent })
      if (!awaited) {
        track(outgoing)
        outgoing.once('socket', track)
      }
      limitConnecting(outgoing, secure ? 'secureConnect' : 'connect')
      return outgoing
    },
    close() {
      for (const one of open) one.destroy()
      // Not `agent.destroy()`, which would end the others too.
      agent.maxFreeSockets = 0
      for (const kept of Object.values(agent.freeSockets).flat()) kept?.destroy()
    },
  }
}

function limitConnecting(outgoing: ClientRequest, connected: 'connect' | 'secureConnect'): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' }))
    }, CONNECT_TIMEOUT).unref()
    const clear = () => clearTimeout(timer)
    socket.once(connected, clear).once('close', clear)
  })
}
