// page(), ssr() and fetchable() behind HTTP/2, in Node's compatibility API.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Handler, Request, Response } from '../../src/http.js'
import { build, type Site } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    import { Readable } from 'node:stream'
    const seen = (globalThis as any).__http2
    const silent = () => new ReadableStream({ cancel() { seen.over++ } })
    export const render = (url: string) => {
      if (url === '/silent') return new Readable({ read() {}, destroy(error, done) { seen.over++; done(error) } })
      if (url === '/cookies') return { html: url, head: '<meta>', headers: { 'Set-Cookie': ['a=1', 'b=2'] } }
      return url
    }
    export default {
      async fetch(request: Request) {
        if (request.url.endsWith('silent')) return new Response(silent(), { headers: { 'Content-Type': 'text/plain' } })
        return new Response(request.method + ' ' + request.url + ' ' + (await request.text()))
      },
    }
  `,
}

const seen = { over: 0 }
let site: Site
let server: Http2Server
let client: ClientHttp2Session
let origin: string

beforeAll(async () => {
  Object.assign(globalThis, { __http2: seen })
  site = await build(files, { entry })
  const handlers: [prefix: string, Handler][] = [
    ['/fetch', site.ssr.fetchable(entry)],
    ['/page', site.ssr.page()],
    ['/', site.ssr.ssr(entry)],
  ]
  server = createServer((req, res) => {
    const [, handler] = handlers.find(([prefix]) => req.url.startsWith(prefix)) ?? []
    const [request, response] = [req as unknown as Request, res as unknown as Response]
    handler?.(request, response, (error) => res.end(`next ${error}`))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = connect(origin)
})
afterAll(async () => {
  client?.close()
  server?.close()
  await site?.close()
})

async function ask(path: string, { method = 'GET', body = '' } = {}) {
  const stream = client.request({ ':path': path, ':method': method }, { endStream: !body })
  if (body) stream.end(body)
  const [headers] = await once(stream, 'response')
  return { status: headers[':status'], headers, stream }
}

it('renders, with all cookies', async () => {
  const { status, headers, stream } = await ask('/cookies')
  expect(status).toBe(200)
  expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(await text(stream)).toContain('<div id="app">/cookies</div>')
})

it('sends the page', async () => {
  const { headers, stream } = await ask('/page/any')
  expect(headers.etag).toMatch(/^"/)
  expect(await text(stream)).toContain('<title>fixture</title>')
})

it('gives a fetch handler the request, and its answer back', async () => {
  const { stream } = await ask('/fetch/x?y', { method: 'POST', body: 'body' })
  expect(await text(stream)).toBe(`POST ${origin}/fetch/x?y body`)
})

it.each(['/silent', '/fetch/silent'])('lets %s go when the client leaves', async (path) => {
  seen.over = 0
  const { stream } = await ask(path)
  stream.close()
  await expect.poll(() => seen.over).toBe(1)
  expect(site.log.error).toEqual([])
})
