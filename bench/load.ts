// The load: connections that send one constant request, wait for the whole answer, and send it again.
// Raw sockets, because an HTTP client would cost more than the servers that are measured.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What is asked for. */
export interface Query {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a server answers: all of it, once. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Bytes from the first of the status line to the last of the body. */
  readonly size: number
}

export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds from each request to the end of its answer. */
  readonly latencies: readonly number[]
}

const LOCALHOST = '127.0.0.1'

export function requestOf({ path, headers = {} }: Query): Buffer {
  const lines = Object.entries({ Host: 'localhost', Accept: '*/*', ...headers })
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
}

/** Asks once, and takes the answer apart. */
export async function probe(port: number, query: Query): Promise<Answer> {
  const socket = connect({ port, host: LOCALHOST })
  socket.write(requestOf(query))
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk])
    const answer = parse(received)
    if (answer && received.length >= answer.size) return answer // leaving the loop closes the socket
  }
  throw new Error(`No whole answer to ${query.path}: ${received.subarray(0, 200)}`)
}

function parse(received: Buffer): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const body = end + 4
  const length = bodyLength(received, body, status, headers)
  return length === undefined ? undefined : { status, headers, size: body + length }
}

function bodyLength(
  received: Buffer,
  start: number,
  status: number,
  headers: ReadonlyMap<string, string>,
): number | undefined {
  if (status === 304 || status === 204) return 0
  if (headers.get('transfer-encoding') !== 'chunked') return Number(headers.get('content-length'))
  const last = received.indexOf('0\r\n\r\n', start)
  return last === -1 ? undefined : last + 5 - start
}

export interface Cell {
  readonly connections: number
  readonly seconds: number
}

/** Keeps `connections` busy for `seconds`. Every answer has to be as long as the `expected` one, with its status. */
export async function load(
  port: number,
  query: Query,
  expected: Answer,
  { connections, seconds }: Cell,
): Promise<Load> {
  const request = requestOf(query)
  const status = Buffer.from(String(expected.status))
  const latencies: number[] = []
  let until = 0

  /** Resolves when time is up and the last answer is there. */
  function keepBusy(socket: Socket, attach: (listener: Listener) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let missing = 0
      let sent = 0
      const ask = () => {
        missing = expected.size
        sent = performance.now()
        socket.write(request)
      }
      socket.on('error', reject).on('close', () => reject(new Error('The server hung up.')))
      attach((length, buffer) => {
        if (missing === expected.size && status.compare(buffer, 9, 12) !== 0) {
          reject(new Error(`Another status: ${buffer.subarray(0, 20)}`))
        }
        missing -= length
        if (missing > 0) return
        if (missing < 0) reject(new Error(`An answer is ${-missing} bytes too long.`))
        const now = performance.now()
        latencies.push(now - sent)
        if (now < until) ask()
        else resolve()
      })
      ask()
    })
  }

  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const timer = setTimeout(
    () => {
      for (const { socket } of sockets)
        socket.destroy(new Error('An answer does not come to its end.'))
    },
    seconds * 1000 + 10_000,
  )
  const start = performance.now()
  until = start + seconds * 1000
  try {
    await Promise.all(sockets.map(({ socket, attach }) => keepBusy(socket, attach)))
    const elapsed = (performance.now() - start) / 1000
    return { requests: latencies.length, seconds: elapsed, latencies }
  } finally {
    clearTimeout(timer)
    for (const { socket } of sockets) socket.removeAllListeners('close').destroy()
  }
}

type Listener = (length: number, buffer: Buffer) => void

/** One read buffer for the life of a connection: at 300 kB an answer, allocating would be most of the work. */
async function open(port: number) {
  let listener: Listener = () => {}
  const socket = connect({
    port,
    host: LOCALHOST,
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(256 * 1024),
      callback(length, buffer) {
        listener(length, buffer as Buffer)
        return true
      },
    },
  })
  await once(socket, 'connect')
  return {
    socket,
    attach(next: Listener) {
      listener = next
    },
  }
}
