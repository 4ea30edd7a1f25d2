// Requests byte for byte, as no HTTP client would send them, and what comes back.
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface RawRequest {
  method: string
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  body?: string
}

export interface RawAnswer {
  /** 0 where nothing came back. */
  status: number
  head: string
  /** Everything after the first head, as Latin-1. */
  body: string
}

const bytesOf = ({ method, target, headers, body = '' }: RawRequest) =>
  [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    '',
    body,
  ].join('\r\n')

/** Sends it on a new connection, and resolves when the other side has ended that. */
export function sendRaw(
  port: number,
  request: RawRequest | string,
  secure = false,
): Promise<RawAnswer> {
  const bytes = Buffer.from(typeof request === 'string' ? request : bytesOf(request), 'utf8')
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
    const socket = secure ? connectTls(options) : connect(options)
    const chunks: Buffer[] = []
    socket.on('error', () => {})
    socket.setTimeout(30_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      resolve({
        status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0),
        head: end === -1 ? text : text.slice(0, end),
        body: end === -1 ? '' : text.slice(end + 4),
      })
    })
    socket.write(bytes)
  })
}
