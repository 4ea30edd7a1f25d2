// fetchable(): web requests and responses over Node's, in development and in production.
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import express from 'express'
import express4 from 'express4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import { eventually } from '../support/eventually.js'
import {
  build,
  develop,
  environmentVersions,
  type Running,
  type Site,
  type SiteOptions,
  serve,
  versions,
} from './support.js'

const entry = 'src/entry-fetch.ts'

const files = {
  [entry]: `
    const seen = (globalThis as any).__fetch
    const text = new TextEncoder()
    const app = {
      name: 'this is kept',
      async fetch(request: Request) {
        const { pathname } = new URL(request.url)
        switch (pathname.replace(/^\\/sub/, '')) {
          case '/url': return Response.json({ url: request.url, method: request.method, name: this.name })
          case '/headers': return Response.json([...request.headers])
          case '/echo': return new Response(request.body, { headers: { 'Content-Type': request.headers.get('content-type')! } })
          case '/text': return new Response(String((await request.text()).length))
          case '/unread': return new Response('not read')
          case '/cookies': {
            const headers = new Headers([['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2; Path=/']])
            return new Response(null, { status: 204, headers })
          }
          case '/status': return new Response('teapot', { status: 418, statusText: 'Short and stout' })
          case '/stream': return new Response(new ReadableStream({
            async start(c) { c.enqueue(text.encode('one ')); await new Promise((r) => setTimeout(r, 10)); c.enqueue(text.encode('two')); c.close() }
          }))
          case '/endless': return new Response(new ReadableStream({
            pull(c) { seen.produced += 65536; c.enqueue(new Uint8Array(65536)) }, cancel() { seen.cancelled++ }
          }, { highWaterMark: 0 }))
          case '/silent': return new Response(new ReadableStream({ pull: () => new Promise(() => {}), cancel() { seen.cancelled++ } }))
          case '/wait': return new Promise((_, reject) => {
            seen.waiting++
            request.signal.addEventListener('abort', () => { seen.aborted++; reject(request.signal.reason) })
          })
          case '/breaks': { let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ < 2) c.enqueue(text.encode('x')); else throw new Error('breaks off') } })) }
          case '/throw': throw new Error('boom')
          case '/nothing': return
          default: return new Response('not found', { status: 404 })
        }
      }
    }
    export default app
  `,
  'src/function.ts': `export default (request: Request) => new Response('function ' + new URL(request.url).pathname)\n`,
  'src/none.ts': 'export const fetsh = 1\n',
}

interface Seen {
  produced: number
  cancelled: number
  waiting: number
  aborted: number
}

const modes: [string, (options?: SiteOptions) => Promise<Site>][] = [
  ...environmentVersions.map((version): (typeof modes)[number] => [
    `development on ${version}`,
    (options) => develop(version, files, options),
  ]),
  ['development on Vite 5', (options) => develop('Vite 5', files, options)],
  ['production', (options) => build(files, { entry, ...options })],
]

function app(handler: Handler, errors: unknown[] = []) {
  const app = express()
  app.use('/sub', handler as never)
  app.use('/parsed', express.json(), handler as never)
  app.use(handler as never)
  app.use((_req, res) => void res.status(404).send('app 404'))
  app.use((err: unknown, _req: unknown, res: express.Response, next: (err: unknown) => void) => {
    errors.push(err)
    if (res.headersSent) next(err)
    else res.status(500).send('app error page')
  })
  return app
}

/** One request on a socket of its own, byte for byte. */
async function raw(http: Running, text: string): Promise<string> {
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
  socket.end(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

describe.each(modes)('fetchable() in %s', (mode, start) => {
  const seen: Seen = { produced: 0, cancelled: 0, waiting: 0, aborted: 0 }
  const errors: Error[] = []
  let site: Site
  let http: Running

  beforeAll(async () => {
    Object.assign(globalThis, { __fetch: seen })
    site = await start()
    http = await serve(app(site.ssr.fetchable(entry), errors))
  })
  afterAll(async () => {
    await http?.close()
    await site?.close()
  })

  async function open(path: string): Promise<IncomingMessage> {
    const request = httpRequest(http.url + path, { agent: false }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    return response.on('error', () => {})
  }

  it('gives the handler the URL that the client asked for, mount path and all', async () => {
    expect(await (await fetch(`${http.url}/sub/url?x=1&x=2`)).json()).toEqual({
      url: `${http.url}/sub/url?x=1&x=2`,
      method: 'GET',
      name: 'this is kept',
    })
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('takes %s', async (method) => {
    expect(await (await fetch(`${http.url}/url`, { method })).json()).toMatchObject({ method })
  })

  it('hands a method that a web request cannot have to the app', async () => {
    expect(
      await raw(http, 'TRACE /url HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    ).toContain('app 404')
  })

  it('passes headers on', async () => {
    const headers = { 'X-One': 'ü', Cookie: 'a=1; b=2', Accept: 'x/y' }
    const response = await raw(
      http,
      'GET /headers HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nX-Two: 2\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n',
    )
    expect(response).toContain('["x-two","1, 2"]')
    expect(response).toContain('["cookie","a=1; b=2"]')
    const list = await (await fetch(`${http.url}/headers`, { headers })).json()
    expect(list).toContainEqual(['accept', 'x/y'])
  })

  it('streams a large body both ways, unchanged', async () => {
    const body = Buffer.alloc(5_000_000, 'body ')
    const response = await fetch(`${http.url}/echo`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-test' },
    })
    expect(response.headers.get('content-type')).toBe('application/x-test')
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  })

  it('lets the handler leave a body unread, and keeps the connection in order', async () => {
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${http.url}/unread`, {
        method: 'POST',
        body: 'x'.repeat(300_000),
      })
      expect(await response.text()).toBe('not read')
    }
  })

  it('says that a body parser has taken the body', async () => {
    const response = await fetch(`${http.url}/parsed/text`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(await response.text()).toBe('app error page')
    expect(errors.at(-1)).toMatchObject({ code: 'ERR_UNSUPPORTED' })
    expect(errors.at(-1)?.message).toContain('express.json()')
  })

  it('does not mind a body parser where there was no body', async () => {
    const response = await fetch(`${http.url}/parsed/url`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('not found')
  })

  it('keeps several cookies apart', async () => {
    const response = await fetch(`${http.url}/cookies`)
    expect(response.status).toBe(204)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/'])
  })

  it('keeps status and its text, and a 404 is the answer of the handler', async () => {
    const response = await fetch(`${http.url}/status`)
    expect([response.status, response.statusText]).toEqual([418, 'Short and stout'])
    expect(await (await fetch(`${http.url}/gone`)).text()).toBe('not found')
  })

  it('streams the response', async () => {
    expect(await (await fetch(`${http.url}/stream`)).text()).toBe('one two')
  })

  it('answers HEAD without a body, and lets the stream go', async () => {
    seen.cancelled = 0
    const response = await fetch(`${http.url}/silent`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    await eventually(() => seen.cancelled === 1)
  })

  it('does not read a response faster than the client does', async () => {
    seen.produced = 0
    const response = await open('/endless')
    response.pause()
    let before = -1
    while (seen.produced > before) {
      before = seen.produced
      for (let i = 0; i < 200; i++) await turn()
    }
    expect(seen.produced).toBeLessThan(64 * 1024 * 1024)
    seen.cancelled = 0
    response.destroy()
    await eventually(() => seen.cancelled === 1)
  })

  it('aborts request.signal when the client leaves before the answer', async () => {
    Object.assign(seen, { waiting: 0, aborted: 0 })
    errors.length = 0
    const request = httpRequest(`${http.url}/wait`, { agent: false }).end()
    request.on('error', () => {})
    await eventually(() => seen.waiting === 1)
    request.destroy()
    await eventually(() => seen.aborted === 1)
    for (let i = 0; i < 10; i++) await turn()
    expect(errors).toEqual([])
    expect(site.log.error).toEqual([])
  })

  it('lets streams go when clients leave, hundreds of them', async () => {
    seen.cancelled = 0
    for (let round = 0; round < 20; round++) {
      const responses = await Promise.all(['/silent', '/endless', '/silent'].map(open))
      for (const response of responses) response.destroy()
    }
    await eventually(() => seen.cancelled === 60)
    expect(site.log.error).toEqual([])
  })

  it('cuts a response whose stream breaks off, and logs the reason', async () => {
    site.log.error.length = 0
    await expect(fetch(`${http.url}/breaks`).then((r) => r.text())).rejects.toThrow()
    await eventually(() => site.log.error.length > 0)
    expect(site.log.error.join()).toContain('breaks off')
    site.log.error.length = 0
  })

  it('hands what the handler throws to next()', async () => {
    expect(await (await fetch(`${http.url}/throw`)).text()).toBe('app error page')
    expect(errors.at(-1)?.message).toBe('boom')
  })

  it('says that the handler returned nothing', async () => {
    await fetch(`${http.url}/nothing`)
    expect(errors.at(-1)).toMatchObject({ code: 'ERR_SSR_EXPORT' })
  })

  it.each([
    ['a host with a path', 'GET /url HTTP/1.1\r\nHost: x/admin?'],
    ['a host with an @', 'GET /url HTTP/1.1\r\nHost: a@b'],
    ['dot segments', 'GET /public/../url HTTP/1.1\r\nHost: a'],
    ['encoded dot segments', 'GET /public/%2E%2e/url HTTP/1.1\r\nHost: a'],
    ['backslashes', 'GET /public\\..\\url HTTP/1.1\r\nHost: a'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a'],
  ])('refuses %s', async (_what, head) => {
    expect(await raw(http, `${head}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('reads an absolute-form target by its path', async () => {
    const answer = await raw(
      http,
      'GET http://other.test/url?x=1 HTTP/1.1\r\nHost: real.test\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toContain('"url":"http://real.test/url?x=1"')
  })

  it('takes a request of HTTP/1.0 without a host', async () => {
    expect(await raw(http, 'GET /url HTTP/1.0\r\n\r\n')).toContain('"url":"http://localhost/url"')
  })

  it('leaves req.url as it was', async () => {
    const handler = site.ssr.fetchable(entry)
    const seen: unknown[] = []
    const app = express()
    app.use('/sub', ((req, res, next) => {
      seen.push(req.url)
      handler(req as never, res as never, next)
      res.on('finish', () => seen.push(req.url))
    }) as express.RequestHandler)
    const http = await serve(app)
    await (await fetch(`${http.url}/sub/url`)).text()
    await http.close()
    expect(seen).toEqual(['/url', '/url'])
  })

  it("follows Express's own trust in proxies for the protocol", async () => {
    const app = express().set('trust proxy', true)
    app.use(site.ssr.fetchable(entry) as never)
    const http = await serve(app)
    const response = await fetch(`${http.url}/url`, { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(await response.json()).toMatchObject({ url: expect.stringMatching(/^https:/) })
    await http.close()
  })

  it.each([
    [5, express],
    [4, express4 as unknown as typeof express],
  ])("follows Express %i's trust in proxies for the host", async (_major, create) => {
    const urlFrom = async (trust: unknown, forwarded: string) => {
      const app = create().set('trust proxy', trust)
      app.use(site.ssr.fetchable(entry) as never)
      const http = await serve(app)
      const response = await fetch(`${http.url}/url`, {
        headers: { 'X-Forwarded-Host': forwarded },
      })
      await http.close()
      return response.status === 200
        ? ((await response.json()) as { url: string }).url
        : response.status
    }
    expect(await urlFrom(true, 'shop.test:8443, inner.test')).toBe('http://shop.test:8443/url')
    expect(await urlFrom('loopback', 'shop.test')).toBe('http://shop.test/url')
    expect(await urlFrom('10.0.0.1', 'shop.test')).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect(await urlFrom(false, 'shop.test')).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect(await urlFrom(true, 'shop.test/admin?')).toBe(400)
  })

  if (mode !== 'production') {
    it('calls a function that is the default export', async () => {
      const http = await serve(app(site.ssr.fetchable('src/function.ts')))
      expect(await (await fetch(`${http.url}/x`)).text()).toBe('function /x')
      await http.close()
    })

    it('says which exports a module has when a handler is not among them', async () => {
      const errors: Error[] = []
      const http = await serve(app(site.ssr.fetchable('src/none.ts'), errors))
      await fetch(`${http.url}/x`)
      expect(errors[0]).toMatchObject({ code: 'ERR_SSR_EXPORT' })
      expect(errors[0]?.message).toContain('fetsh')
      await http.close()
    })
  }
})

describe.each(environmentVersions)('fetchable() without an entry on %s', (version) => {
  it("asks the environment's one input", async () => {
    const site = await develop(version, files, {
      config: { environments: { ssr: { build: { rollupOptions: { input: 'src/function.ts' } } } } },
    })
    const http = await serve(app(site.ssr.fetchable()))
    expect(await (await fetch(`${http.url}/x`)).text()).toBe('function /x')
    await http.close()
    await site.close()
  })

  it.each([
    ['none', undefined],
    ['two', ['src/function.ts', entry]],
  ])('refuses an environment with %s', async (_what, input) => {
    const site = await develop(version, files, {
      config: input ? { environments: { ssr: { build: { rollupOptions: { input } } } } } : {},
    })
    const errors: unknown[] = []
    const http = await serve(app(site.ssr.fetchable(), errors))
    await fetch(http.url)
    expect(errors[0]).toMatchObject({ code: 'ERR_OPTION' })
    await http.close()
    await site.close()
  })

  it('dispatches to a fetchable environment of any name', async () => {
    const { createFetchableDevEnvironment } = await versions[version]()
    const site = await develop(version, files, {
      config: {
        environments: {
          custom: {
            dev: {
              createEnvironment: (name, config) =>
                createFetchableDevEnvironment(name, config, {
                  hot: false,
                  handleRequest: async (request) =>
                    new Response(`${request.method} ${request.url} ${await request.text()}`, {
                      headers: { 'X-Environment': name },
                    }),
                }),
            },
          },
        },
      },
    })
    const http = await serve(app(site.ssr.fetchable(undefined, { environment: 'custom' })))
    const response = await fetch(`${http.url}/request?x`, { method: 'POST', body: 'body' })
    expect(response.headers.get('x-environment')).toBe('custom')
    expect(await response.text()).toBe(`POST ${http.url}/request?x body`)
    await expect(site.ssr.import('src/function.ts', { environment: 'custom' })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    )
    await http.close()
    await site.close()
  })
})

describe.each(environmentVersions)(
  'an environment that only a plugin can ask, on %s',
  (version) => {
    it('is named by fetchable(), and answers where its message says', async () => {
      const { DevEnvironment } = await versions[version]()
      const site = await develop(version, files, {
        config: {
          environments: {
            worker: {
              dev: {
                createEnvironment: (name, config) =>
                  new DevEnvironment(name, config, { hot: false }),
              },
            },
          },
          plugins: [
            {
              name: 'worker',
              configureServer:
                ({ middlewares }) =>
                () => {
                  middlewares.use((req, res) => void res.end(`worker ${req.originalUrl}`))
                },
            },
          ],
        },
      })
      const errors: Error[] = []
      const http = await serve(
        app(site.ssr.fetchable(undefined, { environment: 'worker' }), errors),
      )
      await fetch(`${http.url}/x`)
      expect(errors[0]).toMatchObject({ code: 'ERR_UNSUPPORTED' })
      expect(errors[0]?.message).toContain('vite.server.middlewares')
      expect(errors[0]?.message).not.toContain('Use fetchable()')
      await http.close()

      const advised = express().use((req, res, next) => site.vite.middlewares(req, res, next))
      const worker = await serve(advised)
      expect(await (await fetch(`${worker.url}/x`)).text()).toBe('worker /x')
      await worker.close()
      await site.close()
    })
  },
)

describe('fetchable() in production without an entry', () => {
  it('calls the one entry that was built', async () => {
    const site = await build(files, { entry: 'src/function.ts' })
    const http = await serve(app(site.ssr.fetchable()))
    expect(await (await fetch(`${http.url}/x`)).text()).toBe('function /x')
    await http.close()
    await site.close()
  })

  it('finds it in the manifest of the directory', async () => {
    const site = await build(files, {
      config: {
        environments: {
          client: { build: { outDir: 'dist/client' } },
          edge: {
            build: {
              outDir: 'dist/edge',
              manifest: true,
              rolldownOptions: {
                input: 'src/function.ts',
                output: { entryFileNames: '[name]-[hash].js' },
              },
            },
          },
        },
      },
    })
    const http = await serve(app(site.ssr.fetchable(undefined, { outDir: 'dist/edge' })))
    expect(await (await fetch(`${http.url}/x`)).text()).toBe('function /x')
    await http.close()
    const named = await serve(app(site.ssr.fetchable('/src/function.ts', { outDir: 'dist/edge' })))
    expect(await (await fetch(`${named.url}/y`)).text()).toBe('function /y')
    await named.close()
    await site.close()
  })
})
