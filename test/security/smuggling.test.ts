// Claims about the way to an external Vite: bytes that disagree about where a request ends never become a second one.
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { answers, type RecordingUpstream, recordingUpstream } from '../dev/support/upstream.js'
import { type Listening, listen } from '../support/listen.js'
import { randomOf } from '../support/random.js'
import { nowhere, quiet } from '../support/settings.js'
import { unknown } from './known.js'
import { CROOKED } from './support/grammar.js'
import { sendRaw } from './support/raw.js'
import { patience, seed, times, wrongOf } from './support/runs.js'

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'get', 'GET\t', 'DELETE']
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'http/1.1',
  '',
]
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n ']

/** Headers that say where the body ends, right and wrong. `{n}` is the length of the body. */
const LENGTHS = [
  ...[
    'Content-Length: {n}',
    'Content-Length: {n}',
    'Content-Length: 0',
    'Content-Length: 4',
    'Content-Length: +{n}',
  ],
  ...[
    'Content-Length: {n}, {n}',
    'Content-Length: 0x1',
    'Content-Length: -1',
    'Content-Length: {n} ',
    'Content-Length : {n}',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding:chunked',
    'Transfer-Encoding : chunked',
  ],
  ...[
    'Transfer-Encoding: identity',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: identity, chunked',
  ],
  ...[
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: \x0bchunked',
    'Transfer-Encoding: Chunked',
  ],
  ...[
    'transfer-encoding: chunked',
    'X: y\nTransfer-Encoding: chunked',
    'X: y\rContent-Length: 0',
    ' Transfer-Encoding: chunked',
  ],
  ...[
    'Transfer_Encoding: chunked',
    'Expect: 100-continue',
    'Trailer: Content-Length',
    'Connection: Transfer-Encoding',
  ],
  ...[
    'Connection: Content-Length',
    'Connection: close',
    'Connection: keep-alive',
    'Upgrade: h2c',
    'TE: trailers',
    'Keep-Alive: 1',
  ],
]

const TARGETS = [
  '/src/main.ts',
  '/src/main.ts?import',
  '/@vite/client',
  '/@fs/x.js',
  '/node_modules/x.js',
  'http://localhost/src/a.js',
]

describe('an app in front of an external Vite', () => {
  let upstream: RecordingUpstream
  let app: Listening
  let vite: Handle
  let server: Server
  /** What Node's own parser has taken for a request. */
  const parsed: string[] = []

  beforeAll(async () => {
    upstream = await recordingUpstream(answers('export {}\n'))
    vite = connectVite({
      root: nowhere,
      mode: 'development',
      logger: quiet,
      devServer: upstream.url,
    })
    server = createServer((req, res) => {
      parsed.push(req.url ?? '')
      vite(req, res, () => res.writeHead(404).end('the app'))
    })
    app = await listen(server)
  })
  afterAll(async () => {
    await vite.close()
    await app.close()
    await upstream.close()
  })

  it(
    'forwards as many requests as it was sent, and no body as a request',
    async () => {
      const { below, one, once } = randomOf(seed)
      let number = 0
      const next = () => {
        const id = `smuggled-${number++}`
        const inner = `GET /@${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`
        const body = one([
          inner,
          `0\r\n\r\n${inner}`,
          `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
          `1;x=\n\r\nx\r\n0\r\n\r\n${inner}`,
          `0\r\nX: y\r\n\r\n${inner}`,
          `ffffffffffffffffff\r\n${inner}`,
        ])
        // Half of them are well formed, so that it is not a second fault that stops them.
        const isPlain = once(2)
        const end = () => (isPlain ? '\r\n' : one(ENDS))
        const lines = Array.from({ length: isPlain ? 1 : 1 + below(3) }, () =>
          one(LENGTHS).replaceAll('{n}', String(once(3) ? below(body.length + 5) : body.length)),
        )
        const bytes = [
          `${isPlain ? 'GET' : one(METHODS)} ${one(TARGETS)} ${isPlain ? 'HTTP/1.1' : one(VERSIONS)}${end()}`,
          `Host: localhost${end()}`,
          ...lines.map((line) => line + end()),
          isPlain ? '\r\n' : one(['\r\n', '\r\n', '\n', '']),
          body,
        ].join('')
        return { id, bytes }
      }
      const wrong = await wrongOf(times(1500), next, async ({ id, bytes }) => {
        // Whatever the first request says of the connection, the second one ends it.
        await sendRaw(
          app.port,
          `${bytes}GET /the-end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
        )
        const count = (targets: readonly string[]) =>
          targets.filter((target) => target.includes(id)).length
        const forwarded = count(upstream.requests.map(({ target }) => target))
        return forwarded > count(parsed) ? `forwarded ${forwarded} times` : undefined
      })
      expect(wrong).toEqual([])
      expect(upstream.requests.length).toBeGreaterThan(200)
    },
    patience,
  )

  it(
    'hands no crooked target and no header of one connection to it',
    async () => {
      upstream.requests.length = 0
      const { one, once } = randomOf(seed + 1)
      const signs = [
        'a',
        'b',
        '.js',
        '/',
        '/',
        '//',
        '\\',
        '.',
        '..',
        '/./',
        '/../',
        '%2e',
        '%2f',
        '%5c',
        '%00',
        '#',
        '?',
        ' ',
        '\t',
        '\x7f',
        'é',
        '@',
        ':',
        '%',
      ]
      const headers = [
        'Connection: Host',
        'Connection: x-secret, Origin',
        'Keep-Alive: 1',
        'TE: gzip',
        'Proxy-Authorization: Basic x',
        'Proxy-Connection: close',
        'X-Secret: 1',
        'Upgrade: x',
      ]
      const next = () => {
        let target = one(['/', '/@fs/', '/node_modules/', '/src/', 'http://h/', ''])
        while (!once(6)) target += one(signs)
        const lines = ['Host: localhost']
        while (once(2)) lines.push(one(headers))
        return `GET ${target}x.js HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`
      }
      await wrongOf(times(1500), next, async (bytes) => void (await sendRaw(app.port, bytes)))
      const seen = upstream.requests
      const crooked = seen
        .map(({ target }) => target)
        .filter((target) => CROOKED.test(target.replace(/\?.*/s, '')))
      expect(unknown('crooked', crooked)).toEqual([])
      expect(seen.length).toBeGreaterThan(20)
      const perConnection = /^(?:keep-alive|te|proxy-authorization|proxy-connection|upgrade):/i
      expect(
        seen.flatMap((request) => request.headers.filter((line) => perConnection.test(line))),
      ).toEqual([])
      expect(
        seen.filter((request) => request.headers.every((line) => !/^host: localhost$/i.test(line))),
      ).toEqual([])
    },
    patience,
  )
})
