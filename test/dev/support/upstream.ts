// A dev server of raw sockets: it records every byte that it gets and misbehaves on demand. And a client like it.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { vi } from 'vitest'

export interface Recorded {
  /** Request line. */
  line: string
  target: string
  /** Header lines as they came. */
  headers: string[]
  /** Everything after the head, as it comes in. */
  readonly body: string
  socket: Socket
}

export type Behaviour = (request: Recorded) => void

export interface RecordingUpstream {
  url: URL
  port: number
  server: Server
  /** All but the question that looks for React. */
  requests: Recorded[]
  behave(behaviour: Behaviour): void
  /** Open connections. */
  connections(): Promise<number>
  close(): Promise<void>
}

export async function recordingUpstream(
  behaviour: Behaviour,
  port = 0,
): Promise<RecordingUpstream> {
  const sockets = new Set<Socket>()
  const requests: Recorded[] = []
  let current = behaviour

  const server = createServer((socket) => {
    sockets.add(socket)
    let buffered = ''
    let open: { body: string } | undefined
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1')
      for (let end = buffered.indexOf('\r\n\r\n'); ; end = buffered.indexOf('\r\n\r\n')) {
        if (end === -1 || !/^(?:GET|HEAD|POST) /.test(buffered)) {
          if (open) {
            open.body += buffered
            buffered = ''
          }
          return
        }
        const [line = '', ...headers] = buffered.slice(0, end).split('\r\n')
        buffered = buffered.slice(end + 4)
        const request = { line, target: line.split(' ')[1] ?? '', headers, body: '', socket }
        if (/\/@(?:react-refresh|vite\/client)$/.test(request.target)) {
          socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
          continue
        }
        open = request
        requests.push(request)
        current(request)
      }
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo

  return {
    url: new URL(`http://127.0.0.1:${address.port}`),
    port: address.port,
    server,
    requests,
    behave(next) {
      current = next
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers everything with these bytes. */
export function says(...lines: string[]): Behaviour {
  return ({ socket }) => socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
}

/** A whole answer of some type. */
export function answers(body: string, type = 'text/javascript', status = '200 OK'): Behaviour {
  return says(
    `HTTP/1.1 ${status}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  )
}

/** The values of a recorded header. */
export function valuesOf({ headers }: Recorded, name: string): string[] {
  return headers
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim())
}

export interface RawClient {
  socket: Socket
  /** What has come so far. */
  readonly text: string
  /** Resolves when the text matches. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with everything when the connection has ended. */
  ended: Promise<string>
}

/** Sends exactly these bytes. */
export function rawClient(port: number, ...lines: string[]): RawClient {
  let text = ''
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
  return {
    socket,
    get text() {
      return text
    },
    until: (pattern) =>
      vi.waitFor(
        () => {
          if (!pattern.test(text)) throw new Error(`${pattern} is not in ${JSON.stringify(text)}`)
          return text
        },
        { timeout: 20_000, interval: 5 },
      ),
    ended: new Promise((resolve) => socket.on('close', () => resolve(text))),
  }
}

/** Request lines of an HMR handshake. */
export function handshake(
  target = '/?token=t',
  { protocol = 'vite-hmr', host = 'localhost:3000', origin = 'http://localhost:3000' } = {},
): string[] {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: ${origin}`,
    'Connection: keep-alive, Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${protocol}`,
    '',
    '',
  ]
}
