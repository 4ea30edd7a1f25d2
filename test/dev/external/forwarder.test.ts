// HTTP between the browser, the app and a dev server that is not the app's, good or bad.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { createExternalServer } from '../../../src/dev/external/external-server.js'
import type { Handler } from '../../../src/http.js'
import { ask, echo, listen, listenTls, shapes, starting } from '../support/app.js'
import { type ExternalApp, externalApp } from '../support/external.js'
import { developmentSettings } from '../support/settings.js'
import {
  answers,
  type RecordingUpstream,
  rawClient,
  recordingUpstream,
  says,
  valuesOf,
} from '../support/upstream.js'

const MODULE = 'export default 1'

let upstream: RecordingUpstream
let app: ExternalApp

beforeEach(async () => {
  upstream = await recordingUpstream(answers(MODULE))
  app = await externalApp(upstream.url)
})

afterEach(async () => {
  await app.close()
  await upstream.close()
})

const get = (target: string, ...headers: string[]) =>
  rawClient(
    app.port,
    `GET ${target} HTTP/1.1`,
    'Host: localhost:3000',
    'Connection: close',
    ...headers,
    '',
    '',
  )

const last = () => upstream.requests.at(-1)!

describe('a request reaches the dev server as it came', () => {
  test.each([
    '/src/main.ts',
    '/src/%6d%61in.ts?x=%2F&y=a+b',
    '/@evil.test/x.ts',
    '/src/it%27s[0]"{}|^`.ts',
  ])('raw target %s', async (target) => {
    await get(target).ended
    expect(last().target).toBe(target)
  })

  test.each([
    '/src//double.ts?import',
    '/@id/a/../b?import&t=1',
    '/@fs/C:\\x.ts?raw',
    '//evil.test/x.ts',
    '/node_modules/../.env',
    '/src%2fmain.ts?raw',
  ])('except a crooked target, which is the app’s: %s', async (target) => {
    expect(await get(target).ended).toContain('app: GET')
    expect(upstream.requests.map((request) => request.target)).not.toContain(target)
  })

  test.each([
    ['Host', 'myapp.test:3000'],
    ['Origin', 'http://evil.test'],
    ['Accept', 'text/css,*/*;q=0.1'],
    ['Sec-Fetch-Dest', 'script'],
    ['Sec-Fetch-Site', 'cross-site'],
    ['If-None-Match', 'W/"abc"'],
    ['Cookie', 'a=b; c=d'],
    ['X-Forwarded-Host', 'other.test'],
  ])('header %s', async (name, value) => {
    await ask(app, '/src/main.ts', { headers: { [name]: value } })
    expect(valuesOf(last(), name)).toEqual([value])
  })

  it('is neither given a forwarding header nor loses a repeated one', async () => {
    await get('/src/main.ts', 'X-Two: 1', 'X-Two: 2').ended
    expect(valuesOf(last(), 'X-Two')).toEqual(['1', '2'])
    expect(last().headers.join('\n')).not.toMatch(/forwarded|^via/im)
  })

  it('under its original URL where the middleware is mounted below', async () => {
    const mounted = await externalApp(upstream.url, {
      settings: { base: '/sub/assets/' },
      wrap: (handler) => shapes['Express 5'](handler, echo, '/sub'),
    })
    await ask(mounted, '/sub/assets/main.ts?x')
    expect(last().target).toBe('/sub/assets/main.ts?x')
    await mounted.close()
  })

  it('over one connection when one is enough', async () => {
    for (let i = 0; i < 3; i++) await ask(app, '/src/main.ts')
    expect(new Set(upstream.requests.map(({ socket }) => socket)).size).toBe(1)
  })

  it('from a client that speaks HTTP/2', async () => {
    const h2 = await listenTls(starting(app.dev) as never, 'http2')
    const { connect } = await import('node:http2')
    const session = connect(h2.origin, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/src/main.ts', 'x-word': 'm\u00e4h' })
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += chunk
    session.close()
    await h2.close()
    expect(body).toBe(MODULE)
    expect(valuesOf(last(), 'Host')).toEqual([`127.0.0.1:${h2.port}`])
    expect(last().headers.join('\n')).not.toMatch(/^:/m)
  })
})

describe('what belongs to one connection stays there', () => {
  test.each([
    'Keep-Alive: timeout=9',
    'Proxy-Authorization: Basic x',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Trailer: x',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'X-Secret: named by Connection',
    'HTTP2-Settings: AAMAAABk',
  ])('request header %s', async (line) => {
    await get('/src/main.ts', line, 'Connection: x-secret, HTTP2-Settings').ended
    expect(last().headers).not.toContain(line)
  })

  it('but not the headers on which the dev server’s checks stand, though Connection names them', async () => {
    await get('/src/main.ts', 'Origin: http://evil.test', 'Connection: host, origin').ended
    expect(valuesOf(last(), 'Host')).toEqual(['localhost:3000'])
    expect(valuesOf(last(), 'Origin')).toEqual(['http://evil.test'])
  })

  it('response headers too', async () => {
    upstream.behave(
      says(
        'HTTP/1.1 200 OK',
        'Connection: close, X-Hop',
        'X-Hop: 1',
        'Keep-Alive: timeout=9',
        'Proxy-Authenticate: Basic',
        'Trailer: x',
        'Set-Cookie: a=1',
        'Set-Cookie: b=2',
        'X-End: 2',
        'Content-Length: 2',
        '',
        'ok',
      ),
    )
    const answer = await ask(app, '/src/main.ts')
    expect(answer.headers).not.toHaveProperty('x-hop')
    expect(answer.headers).not.toHaveProperty('proxy-authenticate')
    expect(answer.headers).not.toHaveProperty('trailer')
    expect(answer.headers['keep-alive']).not.toBe('timeout=9')
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-end': '2' })
    expect(answer.body).toBe('ok')
  })

  it('a chunked answer is chunked anew, and keeps its length when it has one', async () => {
    upstream.behave(
      says('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '2', 'ok', '0', '', ''),
    )
    expect(await ask(app, '/src/a.ts')).toMatchObject({ status: 200, body: 'ok' })
    upstream.behave(answers('12345'))
    expect((await ask(app, '/src/b.ts')).headers['content-length']).toBe('5')
  })
})

it('a dev server that is the app itself is not asked in circles', async () => {
  let handle: Handler = () => {}
  let count = 0
  const itself = await listen((req, res) => {
    count++
    handle(req, res, () => echo(req, res, () => {}))
  })
  const dev = createExternalServer(developmentSettings('/nowhere'), new URL(itself.origin))
  handle = dev.handle
  const { status, body } = await ask(itself, '/src/main.ts')
  expect(status).toBe(508)
  expect(body).toContain('this app itself')
  expect((await ask(itself, '/about')).body).toBe('app: GET')
  // The question for React's preamble has come back here, and went no further.
  expect(count).toBeLessThan(6)
  await dev.close()
  await itself.close()
})

describe('bodies cannot smuggle a request', () => {
  test.each([
    ['Content-Length', ['Content-Length: 27', '', 'GET /smuggled.ts HTTP/1.1\r\n\r\n']],
    ['chunked', ['Transfer-Encoding: chunked', '', '5', 'hello', '0', '', '']],
    [
      'chunked, hidden by Connection',
      [
        'Connection: transfer-encoding',
        'Transfer-Encoding: chunked',
        '',
        '5',
        'hello',
        '0',
        '',
        '',
      ],
    ],
  ])('a GET with a body (%s) goes on without it', async (_, lines) => {
    const client = rawClient(app.port, 'GET /src/main.ts HTTP/1.1', 'Host: localhost', ...lines)
    await client.until(/export default 1/)
    client.socket.destroy()
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/src/main.ts'])
    expect(last().body).toBe('')
    expect(last().headers.join('\n')).not.toMatch(/content-length|transfer-encoding/i)
  })

  it('both lengths at once are refused', async () => {
    const text = await get('/src/main.ts', 'Content-Length: 3', 'Transfer-Encoding: chunked').ended
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.requests).toEqual([])
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is the app’s', async (method) => {
    expect(await ask(app, '/src/main.ts', { method })).toMatchObject({ body: `app: ${method}` })
    expect(upstream.requests).toEqual([])
  })
})

describe('targets', () => {
  test.each([
    '/.env',
    '/.git/config.js',
    '//.git/config.js',
    '/src/.hidden/x.js',
    '/.well-known/.hidden/x.js',
    '/about',
    '/api/users?import=1',
  ])('%s are not the dev server’s', async (target) => {
    expect(await ask(app, target)).toMatchObject({ body: 'app: GET' })
    expect(upstream.requests).toEqual([])
  })

  test.each(['/.well-known/x.json', '/api/users?import', '/node_modules/.vite/deps/vue.js'])(
    '%s are',
    async (target) => {
      expect(await ask(app, target)).toMatchObject({ body: MODULE })
    },
  )

  test.each([
    '/src/main.ts#x',
    '/@fs/etc/passwd#/x.ts',
    'http://evil.test/src/main.ts',
    'http://localhost:3000/@vite/client',
  ])('%s is refused, and the dev server does not see it', async (target) => {
    const text = await get(target).ended
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toMatch(/content-type: text\/plain/i)
    expect(upstream.requests).toEqual([])
  })

  it('in absolute form are the app’s where the path is', async () => {
    expect(await get('http://localhost:3000/about').ended).toMatch(/app: GET/)
  })
})

describe('an answer comes back as the dev server gave it', () => {
  it('with its own status, type, validators and caching, over what the app has set', async () => {
    upstream.behave(
      says(
        'HTTP/1.1 200 OK',
        'Content-Type: text/css',
        'ETag: W/"1"',
        'Cache-Control: no-cache',
        'Vary: Origin',
        'Content-Length: 2',
        '',
        '{}',
      ),
    )
    const strict = await externalApp(upstream.url, {
      wrap: (handler) => (req, res) => {
        res.setHeader('Cache-Control', 'private')
        res.setHeader('Vary', 'Cookie')
        res.setHeader('Content-Security-Policy', "default-src 'self'")
        handler(req, res, () => echo(req, res, () => {}))
      },
    })
    const { headers } = await ask(strict, '/src/main.css')
    await strict.close()
    expect(headers).toMatchObject({
      'content-type': 'text/css',
      etag: 'W/"1"',
      'cache-control': 'no-cache',
      vary: 'Cookie, Origin',
      'content-security-policy': "default-src 'self'",
    })
  })

  test.each([
    ['304', says('HTTP/1.1 304 Not Modified', 'ETag: W/"1"', '', ''), 304, ''],
    [
      'broken module',
      answers('<h1>oops</h1>', 'text/html', '500 Internal Server Error'),
      500,
      '<h1>oops</h1>',
    ],
    [
      'host refused',
      answers('Blocked request', 'text/plain', '403 Forbidden'),
      403,
      'Blocked request',
    ],
    ['outdated dependency', answers('', 'text/plain', '504 Outdated Optimize Dep'), 504, ''],
  ])('%s', async (_, behaviour, status, body) => {
    upstream.behave(behaviour)
    expect(await ask(app, '/src/main.ts')).toMatchObject({ status, body })
  })

  it('HEAD has the headers and no body', async () => {
    upstream.behave(says('HTTP/1.1 200 OK', 'Content-Length: 99', '', ''))
    const text = await rawClient(
      app.port,
      'HEAD /src/main.ts HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      '',
      '',
    ).ended
    expect(last().line).toBe('HEAD /src/main.ts HTTP/1.1')
    expect(text).toMatch(/content-length: 99/i)
    expect(text.endsWith('\r\n\r\n')).toBe(true)
  })

  it('103 Early Hints are relayed before it', async () => {
    upstream.behave(
      says(
        'HTTP/1.1 103 Early Hints',
        'Link: </a.css>; rel=preload; as=style, </b.js>; rel=modulepreload',
        '',
        'HTTP/1.1 200 OK',
        'Content-Length: 2',
        '',
        'ok',
      ),
    )
    const text = await get('/src/main.ts').ended
    expect(text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload; as=style, <\/b\.js>; rel=modulepreload\r\n\r\nHTTP\/1\.1 200 /,
    )
  })
})

describe('the dev server never answers for the app', () => {
  const page = answers('<html>spa</html>', 'text/html')

  test.each([
    ['HTML for a module', '/src/nope.ts', page],
    ['HTML for data', '/api/data.json', page],
    ['HTML for a query', '/search?url', page],
    ['404', '/src/nope.ts', answers('', 'text/plain', '404 Not Found')],
  ])('%s goes to the app', async (_, target, behaviour) => {
    upstream.behave(behaviour)
    const answer = await ask(app, target)
    expect(answer).toMatchObject({ status: 404, body: 'app: GET' })
    expect(answer.headers).toMatchObject({ 'x-app-url': target })
    expect(answer.headers).not.toHaveProperty('content-type')
    expect(upstream.requests).toHaveLength(1)
  })

  it('leaves the request’s body for the app to read', async () => {
    upstream.behave(page)
    const reading = await externalApp(upstream.url, {
      fallback: async (req, res) => {
        let body = ''
        for await (const chunk of req) body += chunk
        res.end(`read ${body}`)
      },
    })
    const client = rawClient(
      reading.port,
      'GET /search.json HTTP/1.1',
      'Host: localhost',
      'Content-Length: 5',
      '',
      'hello',
    )
    await client.until(/read hello/)
    client.socket.destroy()
    await reading.close()
  })

  it('except HTML for a URL that names an HTML file', async () => {
    upstream.behave(page)
    const based = await externalApp(upstream.url, { settings: { base: '/app/' } })
    expect((await ask(based, '/app/page.html')).body).toBe('<html>spa</html>')
    expect((await ask(based, '/app/')).body).toBe('app: GET')
    await based.close()
  })

  it('except HTML under devServer.paths', async () => {
    upstream.behave(page)
    const paths = ['/__inspect/', /^\/__devtools/]
    const inspected = await externalApp(upstream.url, { devServer: { paths } })
    const headers = { Accept: 'text/html', 'Sec-Fetch-Dest': 'document' }
    expect((await ask(inspected, '/__inspect/', { headers })).body).toBe('<html>spa</html>')
    expect((await ask(inspected, '/__devtools__', { headers })).body).toBe('<html>spa</html>')
    expect((await ask(inspected, '/inspect/', { headers })).body).toBe('app: GET')
    await inspected.close()
  })

  it('a module for a path without extension is a route of the app’s, under a base', async () => {
    const based = await externalApp(upstream.url, { settings: { base: '/app/' } })
    expect((await ask(based, '/app/api/users')).body).toBe('app: GET')
    expect((await ask(based, '/app/@id/__x00__virtual')).body).toBe(MODULE)
    await based.close()
  })
})

describe('a dev server that is down', () => {
  const ended = async () => {
    const { port } = upstream
    await upstream.close()
    return port
  }

  it('is a 502 that says where it was looked for and how to start it', async () => {
    const port = await ended()
    const { status, headers, body } = await ask(app, '/src/main.ts')
    expect(status).toBe(502)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(body).toMatch(/^ERR_DEV_SERVER_UNREACHABLE: /)
    expect(body).toContain(`http://127.0.0.1:${port}/`)
    expect(body).toContain(`npx vite --port ${port}`)
    upstream = await recordingUpstream(answers(MODULE))
  })

  it('is logged once until it is up again, which needs no restart', async () => {
    const port = await ended()
    for (let i = 0; i < 3; i++) expect((await ask(app, '/src/main.ts')).status).toBe(502)
    upstream = await recordingUpstream(answers(MODULE), port)
    for (let i = 0; i < 3; i++) expect((await ask(app, '/src/main.ts')).body).toBe(MODULE)
    expect(app.log).toEqual([
      expect.stringMatching(/^error: The Vite dev server at .* does not answer/),
      expect.stringMatching(/^info: .* answers again/),
    ])
  })

  it('does not concern the app’s own pages', async () => {
    await ended()
    expect((await ask(app, '/about')).body).toBe('app: GET')
    upstream = await recordingUpstream(answers(MODULE))
  })
})

describe('a dev server that misbehaves', () => {
  test.each([
    ['dies before it answers', ({ socket }: { socket: Socket }) => socket.destroy()],
    ['answers garbage', says('nonsense', '', '')],
    [
      'answers with a status that does not exist',
      says('HTTP/1.1 099 What', 'Content-Length: 0', '', ''),
    ],
    [
      'switches protocols unasked',
      says('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: x', '', ''),
    ],
    [
      'sends a header with a control character',
      says('HTTP/1.1 200 OK', 'X-Bad: \x01', 'Content-Length: 0', '', ''),
    ],
  ])('%s: 502', async (_, behaviour) => {
    upstream.behave(behaviour)
    expect(await ask(app, '/src/main.ts')).toMatchObject({ status: 502 })
    upstream.behave(answers(MODULE))
    expect((await ask(app, '/src/main.ts')).body).toBe(MODULE)
  })

  test.each([
    ['with a length', says('HTTP/1.1 200 OK', 'Content-Length: 100', '', 'half')],
    ['chunked', says('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '4', 'half', '')],
  ])('dies half way (%s): the client sees that it was cut off', async (_, behaviour) => {
    upstream.behave((request) => {
      behaviour(request)
      setImmediate(() => request.socket.destroy())
    })
    await expect(ask(app, '/src/main.ts')).rejects.toThrow(/aborted|hang up|reset/i)
  })

  it('sends nonsense half way: the client sees that it was cut off', async () => {
    upstream.behave(
      says('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '4', 'half', 'ZZZ', ''),
    )
    await expect(ask(app, '/src/main.ts')).rejects.toThrow(/aborted|hang up|reset/i)
  })

  it('has closed a kept connection: the request is made once more, on a new one', async () => {
    await ask(app, '/src/a.ts')
    const kept = last().socket
    upstream.behave((request) => {
      if (request.socket === kept) request.socket.resetAndDestroy()
      else answers('fresh')(request)
    })
    expect((await ask(app, '/src/b.ts')).body).toBe('fresh')
    expect(upstream.requests.map(({ target }) => target)).toEqual([
      '/src/a.ts',
      '/src/b.ts',
      '/src/b.ts',
    ])
  })

  it('resets every connection: asked twice at most', async () => {
    await ask(app, '/src/a.ts')
    upstream.behave(({ socket }) => socket.resetAndDestroy())
    expect((await ask(app, '/src/b.ts')).status).toBe(502)
    expect(upstream.requests).toHaveLength(3)
  })
})

describe('a client', () => {
  it('that goes away before the answer is not waited for', async () => {
    let arrived = (_: Socket) => {}
    const asked = new Promise<Socket>((resolve) => {
      arrived = resolve
    })
    upstream.behave(({ socket }) => arrived(socket))
    const client = get('/src/main.ts')
    const socket = await asked
    client.socket.destroy()
    await once(socket, 'close')
  })

  it('that goes away before the answer is not waited for over HTTP/2 either', async () => {
    await ask(app, '/src/a.ts') // so that there is a kept connection
    upstream.behave(() => {})
    const h2 = await listenTls(starting(app.dev) as never, 'http2')
    const { connect } = await import('node:http2')
    const session = connect(h2.origin, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/src/main.ts' })
    stream.on('error', () => {})
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))
    stream.close(8)
    await vi.waitFor(async () => expect(await upstream.connections()).toBe(0))
    expect(upstream.requests).toHaveLength(2)
    session.destroy()
    await h2.close()
  })

  it('that has gone before its turn is not asked for', async () => {
    let gone = () => {}
    const left = new Promise<void>((resolve) => {
      gone = resolve
    })
    const slow = await externalApp(upstream.url, {
      wrap: (handler) => (req, res) => {
        res.on('close', () => {
          handler(req, res, () => {})
          gone()
        })
      },
    })
    const client = rawClient(slow.port, 'GET /src/main.ts HTTP/1.1', 'Host: x', '', '')
    await once(slow.server, 'request')
    client.socket.destroy()
    await left
    await ask(app, '/src/next.ts')
    await slow.close()
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/src/next.ts'])
  })

  it('that goes away half way is not sent for', async () => {
    upstream.behave(says('HTTP/1.1 200 OK', 'Content-Length: 100', '', 'half'))
    const client = get('/src/main.ts')
    await client.until(/half/)
    const closed = once(last().socket, 'close')
    client.socket.resetAndDestroy()
    await closed
  })

  it('that reads slowly slows the dev server down, and gets all', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    const total = 128
    let written = 0
    upstream.behave(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total * chunk.length}\r\n\r\n`)
      const more = () => {
        while (written < total) {
          written++
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
      }
      more()
    })
    const client = get('/src/big.bin?raw')
    let read = 0
    client.socket.removeAllListeners('data').pause()
    let before = -1
    while (written === 0 || written !== before) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(written).toBeLessThan(total / 2)
    client.socket.on('data', (data) => {
      read += data.length
    })
    client.socket.resume()
    await client.ended
    expect(read).toBeGreaterThan(total * chunk.length)
  })

  it('leaves nothing behind, a hundred times', async () => {
    upstream.behave((request) => {
      if (upstream.requests.length % 2)
        says('HTTP/1.1 200 OK', 'Content-Length: 9', '', 'x')(request)
    })
    const clients = Array.from({ length: 100 }, (_, i) => get(`/src/${i}.ts`))
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(100), 20_000)
    for (const { socket } of clients) socket.resetAndDestroy()
    await vi.waitFor(async () => expect(await upstream.connections()).toBe(0), 20_000)
  })
})
