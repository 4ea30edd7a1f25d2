// The HMR socket between the browser, the app and a dev server that is not the app's, good or bad.
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { type ExternalApp, externalApp } from '../support/external.js'
import {
  answers,
  handshake,
  type RecordingUpstream,
  rawClient,
  recordingUpstream,
  says,
  valuesOf,
} from '../support/upstream.js'

const SWITCH = says(
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade, X-Hop',
  'X-Hop: 1',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: vite-hmr',
  '',
  '',
)

let upstream: RecordingUpstream
let app: ExternalApp

beforeEach(async () => {
  upstream = await recordingUpstream(SWITCH)
  app = await externalApp(upstream.url)
  // The middleware gets to know the server with the first request.
  await rawClient(app.port, 'GET /about HTTP/1.1', 'Host: x', 'Connection: close', '', '').ended
})

afterEach(async () => {
  await app.close()
  await upstream.close()
})

const last = () => upstream.requests.at(-1)!
const knock = (...args: Parameters<typeof handshake>) => rawClient(app.port, ...handshake(...args))

describe('an HMR handshake', () => {
  it('reaches the dev server as it came', async () => {
    const client = knock('/?token=a%2Bb', { host: 'myapp.test:3000', origin: 'http://evil.test' })
    await client.until(/101/)
    expect(last().target).toBe('/?token=a%2Bb')
    for (const [name, value] of [
      ['Host', 'myapp.test:3000'],
      ['Origin', 'http://evil.test'],
      ['Sec-WebSocket-Protocol', 'vite-hmr'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ] as const) {
      expect([name, ...valuesOf(last(), name)]).toEqual([name, value])
    }
    client.socket.destroy()
  })

  it('is answered as the dev server answers it, less what belongs to its connection', async () => {
    const client = knock()
    const text = await client.until(/\r\n\r\n/)
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    expect(text).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(text).toContain('Connection: Upgrade\r\n')
    expect(text).not.toContain('X-Hop')
    client.socket.destroy()
  })

  it('loses nothing that either side has sent along with it', async () => {
    upstream.behave((request) => {
      SWITCH(request)
      request.socket.write('from the server')
    })
    const client = rawClient(app.port, ...handshake().slice(0, -1), 'from the client')
    await client.until(/from the server/)
    client.socket.write(', later')
    await vi.waitFor(() => expect(last().body).toBe('from the client, later'))
    client.socket.destroy()
  })

  it('loses nothing that the client sends while the dev server thinks', async () => {
    let answer = () => {}
    upstream.behave((request) => {
      answer = () => SWITCH(request)
    })
    const client = knock()
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
    client.socket.write('early')
    await vi.waitFor(() => expect(client.socket.writableLength).toBe(0))
    answer()
    await client.until(/101/)
    await vi.waitFor(() => expect(last().body).toBe('early'))
    client.socket.destroy()
  })

  test.each([
    ['another path', handshake('/socket.io/?token=t')],
    ['a path below', handshake('/hmr?token=t')],
    ['another subprotocol', handshake('/?token=t', { protocol: 'graphql-ws' })],
    ['two subprotocols', handshake('/?token=t', { protocol: 'vite-hmr, graphql-ws' })],
  ])('is not taken for %s', async (_, lines) => {
    app.server.on('upgrade', (req, socket) => {
      if (req.headers['x-done']) return
      socket.end('HTTP/1.1 101 The app\r\n\r\n')
    })
    expect(await rawClient(app.port, ...lines).ended).toMatch(/^HTTP\/1\.1 101 The app/)
    expect(upstream.requests).toEqual([])
  })

  it('is taken at the base, and only there', async () => {
    const based = await externalApp(upstream.url, { settings: { base: '/app/' } })
    await rawClient(based.port, 'GET /x HTTP/1.1', 'Host: x', 'Connection: close', '', '').ended
    const client = rawClient(based.port, ...handshake('/app/?token=t', { protocol: 'vite-ping' }))
    await client.until(/101/)
    expect(last().target).toBe('/app/?token=t')
    client.socket.destroy()
    based.server.on('upgrade', (_, socket) => socket.end('the app'))
    await rawClient(based.port, ...handshake('/?token=t')).until(/the app/)
    expect(upstream.requests).toHaveLength(1)
    await based.close()
  })

  it('with a # in its target is refused', async () => {
    expect(await knock('/?token=t#x').ended).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.requests).toEqual([])
  })
})

describe('a dev server', () => {
  test.each([
    [400, answers('bad token', 'text/plain', '400 Bad Request')],
    [403, answers('Blocked', 'text/plain', '403 Forbidden')],
    [
      426,
      says(
        'HTTP/1.1 426 Upgrade Required',
        'Transfer-Encoding: chunked',
        '',
        '7',
        'Blocked',
        '0',
        '',
        '',
      ),
    ],
  ])('that answers %i is relayed, and the connection is closed', async (status, behaviour) => {
    upstream.behave(behaviour)
    const text = await knock().ended
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\r\nConnection: close\r\n`))
    expect(text).toMatch(/(bad token|Blocked)$/)
    await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
  })

  it('that is down is a 502 with its reason, and one line in the log', async () => {
    const { port } = upstream
    await upstream.close()
    for (let i = 0; i < 2; i++)
      expect(await knock().ended).toMatch(
        /^HTTP\/1\.1 502 [\s\S]*ERR_DEV_SERVER_UNREACHABLE: [\s\S]*npx vite/,
      )
    upstream = await recordingUpstream(SWITCH, port)
    const client = knock()
    await client.until(/101/)
    client.socket.destroy()
    expect(app.log).toHaveLength(2)
  })

  test.each([
    ['hangs up', says()],
    ['answers garbage', says('nonsense', '', '')],
  ])('that %s instead of answering becomes a 502', async (_, behaviour) => {
    upstream.behave((request) => {
      behaviour(request)
      request.socket.end()
    })
    expect(await knock().ended).toMatch(/^HTTP\/1\.1 502 /)
  })

  test.each(['destroy', 'resetAndDestroy', 'end'] as const)(
    'that goes away later (%s) takes the tunnel with it',
    async (how) => {
      const client = knock()
      await client.until(/101/)
      last().socket[how]()
      await client.ended
      await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
    },
  )

  it('that answers half and dies cuts the client off', async () => {
    upstream.behave((request) => {
      says('HTTP/1.1 400 Bad Request', 'Content-Length: 100', '', 'half')(request)
      setImmediate(() => request.socket.destroy())
    })
    expect(await knock().ended).toMatch(/half$/)
  })
})

describe('a client', () => {
  test.each(['destroy', 'resetAndDestroy', 'end'] as const)(
    'that goes away before the answer (%s) crashes nothing and leaves nothing',
    async (how) => {
      upstream.behave(() => {})
      const client = knock()
      await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
      client.socket[how]()
      await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
    },
  )

  test.each(['destroy', 'resetAndDestroy', 'end'] as const)(
    'that goes away later (%s) takes the tunnel with it',
    async (how) => {
      const client = knock()
      await client.until(/101/)
      client.socket[how]()
      await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
    },
  )

  it('that resets at once, fifty times, leaves nothing', async () => {
    for (let i = 0; i < 50; i++) {
      const { socket } = knock()
      await once(socket, 'connect')
      socket.resetAndDestroy()
    }
    await vi.waitFor(async () => expect(await upstream.connections()).toBe(0), 20_000)
    const client = knock()
    await client.until(/101/)
    client.socket.destroy()
  })
})

it('close() ends tunnels and questions, and leaves no connection', async () => {
  const tunnel = knock()
  await tunnel.until(/101/)
  upstream.behave(() => {})
  const asking = knock()
  await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))
  await app.dev.close()
  await Promise.all([tunnel.ended, asking.ended])
  await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
})
