// Web responses as they go out: streamed, from other servers, thrown, and with a wrong length.
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { brotliCompressSync, createGunzip, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import { compressing } from './compressing.js'
import { build, develop, type Running, type Site, serve } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    import { gzipSync } from 'node:zlib'
    import { Readable } from 'node:stream'
    const bytes = (text: string) => new TextEncoder().encode(text)
    /** Says one word, and then nothing for ever. */
    const silent = () => new ReadableStream({ start(c) { c.enqueue(bytes('data: one\\n\\n')) } })
    const upstream = () => (globalThis as any).__upstream
    async function answer(url: string): Promise<any> {
      switch (url) {
        case '/events': return new Response(silent(), { headers: { 'Content-Type': 'text/event-stream' } })
        case '/throw': throw new Response('thrown', { status: 403, headers: { 'X-Thrown': 'yes' } })
        case '/gzipped': return new Response(gzipSync('by the app'), { headers: { 'Content-Encoding': 'gzip' } })
        case '/longer': return new Response('twelve bytes', { headers: { 'Content-Length': '6' } })
        case '/shorter': return new Response('six by', { headers: { 'Content-Length': '12' } })
        case '/hops': return new Response('hops', { headers: { Connection: 'keep-alive, x', 'Keep-Alive': 'timeout=99', 'Transfer-Encoding': 'chunked' } })
        case '/node-stream': return { status: 200, statusText: '', headers: new Headers(), body: Readable.from([Buffer.from('old')]), async arrayBuffer() {} }
      }
      if (url.startsWith('/fetched/')) return fetch(upstream() + url.slice(8))
      if (url.startsWith('/copied/')) {
        const response = await fetch(upstream() + url.slice(7))
        return new Response(response.body, response)
      }
    }
    export const render = (url: string) => answer(url)
    export default { fetch: (request: Request) => answer(new URL(request.url).pathname) }
  `,
}

const text = 'the body of another server '.repeat(20)
const codings = {
  gzip: gzipSync(text),
  deflate: deflateSync(text),
  br: brotliCompressSync(text),
}

const modes: [string, () => Promise<Site>][] = [
  ['development', () => develop('Vite 8', files)],
  ['production', () => build(files, { entry })],
]
const kinds: [string, (site: Site) => Handler][] = [
  ['fetchable()', ({ ssr }) => ssr.fetchable(entry)],
  ['render()', ({ ssr }) => ssr.ssr(entry)],
]

describe.each(modes)('in %s', (_mode, start) => {
  let site: Site
  let upstream: Running

  beforeAll(async () => {
    upstream = await serve((req, res) => {
      const coding = req.url?.slice(1) as keyof typeof codings
      const body = codings[coding]
      res.writeHead(200, { 'Content-Encoding': coding, 'Content-Length': body.length }).end(body)
    })
    Object.assign(globalThis, { __upstream: upstream.url })
    site = await start()
  })
  afterAll(async () => {
    await upstream?.close()
    await site?.close()
  })

  describe.each(kinds)('a Response of %s', (_kind, handlerOf) => {
    let handler: Handler
    let http: Running
    beforeAll(async () => {
      handler = handlerOf(site)
      http = await serve((req, res) =>
        handler(req, res, (error) => void res.writeHead(500).end(`next: ${error}`)),
      )
    })
    afterAll(() => http?.close())

    /** Everything that the server sends on one connection for these requests. */
    async function onOneConnection(...paths: string[]): Promise<string> {
      const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
      socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.setTimeout(1_000, () => socket.destroy())
      socket.on('error', () => {})
      await once(socket, 'close')
      return answer
    }

    it('reaches the client through middleware that compresses while the stream is open', async () => {
      const http = await serve(compressing((req, res) => handler(req, res, () => res.end('next'))))
      const [response] = (await once(httpGet(`${http.url}/events`), 'response')) as [
        IncomingMessage,
      ]
      let seen = ''
      for await (const chunk of response.on('error', () => {}).pipe(createGunzip())) {
        seen += chunk
        if (seen.includes('data: one')) break
      }
      expect(seen).toContain('data: one')
      response.destroy()
      await http.close()
    })

    it.each(Object.keys(codings).flatMap((coding) => [`/fetched/${coding}`, `/copied/${coding}`]))(
      'that fetch() has decoded goes out without coding and length (%s)',
      async (path) => {
        const response = await fetch(http.url + path)
        expect(response.headers.get('content-encoding')).toBeNull()
        expect(response.headers.get('content-length')).toBeNull()
        expect(await response.text()).toBe(text)
      },
    )

    it('that the app has compressed keeps its coding', async () => {
      const response = await fetch(`${http.url}/gzipped`)
      expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(await response.text()).toBe('by the app')
    })

    it.each(['/longer', '/shorter'])(
      'with a wrong length (%s) ends the connection before the next answer',
      async (path) => {
        site.log.error.length = 0
        const answer = await onOneConnection(path, '/gzipped')
        expect(answer.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThan(2)
        expect(answer).not.toContain('twelve bytes')
        expect(site.log.error.join()).toContain('Content-Length')
      },
    )

    it('that was thrown is the answer', async () => {
      const response = await fetch(`${http.url}/throw`)
      expect(response.status).toBe(403)
      expect(response.headers.get('x-thrown')).toBe('yes')
      expect(await response.text()).toBe('thrown')
    })

    it('leaves the headers of another connection behind', async () => {
      const answer = await onOneConnection('/hops')
      expect(answer).not.toContain('timeout=99')
      expect(answer).toContain('hops')
    })

    it('may be that of a fetch library, with a stream of Node’s as body', async () => {
      expect(await (await fetch(`${http.url}/node-stream`)).text()).toBe('old')
    })
  })
})

describe('a length that render() gives', () => {
  it('is not that of the page, so it is left out', async () => {
    const site = await develop('Vite 8', {
      'src/length.ts': `
        import { Readable } from 'node:stream'
        export const render = () => ({ html: Readable.from(['<p>streamed</p>']), headers: { 'Content-Length': '15' } })
      `,
    })
    const handler = site.ssr.ssr('src/length.ts')
    const http = await serve((req, res) => handler(req, res, () => res.end('next')))
    const page = await (await fetch(http.url)).text()
    expect(page).toContain('<p>streamed</p>')
    expect(page).toMatch(/<\/html>\s*$/)
    await http.close()
    await site.close()
  })
})
