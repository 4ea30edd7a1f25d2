// ssr() with streams: Node's, the web's and React's.
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { compressing } from './compressing.js'
import { build, develop, type Running, type Site, serve } from './support.js'

const entry = 'src/entry-server.tsx'

/** Sources that tell the test, by a global of its own, what became of them. */
const files = {
  [entry]: `
    import { Readable, Stream } from 'node:stream'
    import { Suspense, use, createElement as h } from 'react'
    import { renderToPipeableStream, renderToReadableStream } from 'react-dom/server'

    const seen = (globalThis as any).__streams
    const text = new TextEncoder()
    const late = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, 'late'))
    function Late({ promise }: any) { return h('b', null, use(promise) as string) }
    const page = (promise: unknown) =>
      h('main', null, 'shell', h(Suspense, { fallback: 'waiting' }, h(Late, { promise })))

    /** As streams were before Node's had a class for what is readable. */
    class Old extends Stream {
      readable = true
      constructor(readonly url: string, readonly speak = (self: Old) => {}) { super() }
      resume() { setTimeout(() => this.speak(this)) }
      pipe(page: any) { this.resume(); return super.pipe(page) }
      destroy() { seen.over.push(this.url); this.emit('close') }
    }

    export function render(url: string, { nonce }: any) {
      switch (url) {
        case '/node': return Readable.from(['<p>', 'node', '</p>'])
        case '/web': return new ReadableStream({ start(c) { c.enqueue(text.encode('<p>web</p>')); c.close() } })
        case '/web-strings': return new ReadableStream({ start(c) { c.enqueue('<p>web</p>'); c.close() } })
        case '/object': return { html: Readable.from(['<p>object</p>']), head: '<title>t</title>', status: 203, headers: { 'X-One': '1' } }
        case '/empty': return Readable.from([])
        case '/react': return new Promise((resolve, reject) => {
          const stream = renderToPipeableStream(page(late(20)), { nonce, onShellReady: () => resolve(stream), onShellError: reject, onError() {} })
        })
        case '/react-web': return renderToReadableStream(page(late(20)), { nonce })
        case '/react-shell-error': return new Promise((resolve, reject) => {
          const Broken = () => { throw new Error('shell') }
          const stream = renderToPipeableStream(h(Broken), { onShellReady: () => resolve(stream), onShellError: reject, onError() {} })
        })
        case '/fails-at-once': return new Readable({ read() { this.destroy(new Error('at once')) } })
        case '/fails-later': { let n = 0; return new Readable({ read() { if (n++ < 3) this.push('x'.repeat(1000)); else setTimeout(() => this.destroy(new Error('later')), 5) } }) }
        case '/web-fails': { let n = 0; return new ReadableStream({ pull(c) { if (n++ < 3) c.enqueue(text.encode('x')); else throw new Error('web fails') } }) }
        case '/pipe-silent': return { pipe(page: any) { page.write('first'); return page }, abort() { seen.over.push(url) } }
        case '/old': return new Old(url, (self) => { self.emit('data', '<p>old</p>'); self.emit('end') })
        case '/old-silent': return new Old(url)
        case '/old-fails': return new Old(url, (self) => self.emit('error', new Error('old fails')))
        case '/solid': {
          const late = new Promise<string>((resolve) => { seen.solid = () => resolve('<b>late</b>') })
          return {
            then: (done: any, failed: any) => late.then((html) => '<p>shell</p>' + html).then(done, failed),
            pipe(page: any) { page.write('<p>shell</p>'); late.then((html) => page.end(html)) },
          }
        }
        case '/pipe-throws': return { pipe() { throw new Error('pipe throws') } }
        case '/endless': return new Readable({ read(n) { seen.produced += n; this.push(Buffer.alloc(n, 120)) }, destroy(e, done) { seen.over.push(url); done(e) } })
        case '/silent': return new Readable({ read() {}, destroy(e, done) { seen.over.push(url); done(e) } })
        case '/web-silent': return new ReadableStream({ pull: () => new Promise(() => {}), cancel() { seen.over.push(url) } })
        case '/react-silent': return new Promise((resolve) => {
          const stream = renderToPipeableStream(page(new Promise(() => {})), { onShellReady: () => resolve(stream), onError() { seen.over.push(url) } })
        })
      }
    }
  `,
}

/** Streams that are begun and never end. */
const silent = ['/silent', '/web-silent', '/react-silent', '/old-silent', '/pipe-silent']

interface Seen {
  produced: number
  /** The pages whose streams were given up. */
  over: string[]
  /** Ends what Solid's stream waits for. */
  solid?: () => void
}

const modes: [string, () => Promise<Site>][] = [
  ['development', () => develop('Vite 8', files)],
  [
    'production',
    // React's own build stays outside of the bundle, as it does in an app.
    () => build(files, { entry }),
  ],
]

describe.each(modes)('a stream from render() in %s', (_mode, start) => {
  const seen: Seen = { produced: 0, over: [] }
  const errors: Error[] = []
  let site: Site
  let http: Running

  beforeAll(async () => {
    Object.assign(globalThis, { __streams: seen })
    site = await start()
    const app = express()
    app.use(site.ssr.ssr(entry) as never)
    app.use((err: Error, _req: unknown, res: express.Response, _next: unknown) => {
      errors.push(err)
      res.status(500).send('app error page')
    })
    http = await serve(app)
  })
  afterAll(async () => {
    await http?.close()
    await site?.close()
  })

  const text = async (path: string) => (await fetch(http.url + path)).text()

  /** The response as soon as its head is there. */
  async function open(path: string): Promise<IncomingMessage> {
    const request = httpGet(http.url + path, { agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    return response.on('error', () => {})
  }

  it.each([
    ['/node', '<div id="app"><p>node</p></div>'],
    ['/web', '<div id="app"><p>web</p></div>'],
    ['/web-strings', '<div id="app"><p>web</p></div>'],
    ['/empty', '<div id="app"></div>'],
    ['/old', '<div id="app"><p>old</p></div>'],
  ])('of the kind %s comes at the outlet', async (path, html) => {
    const page = await text(path)
    expect(page).toContain(html)
    expect(page).toMatch(/<\/html>\s*$/)
  })

  it('may come with head, status and headers', async () => {
    const response = await fetch(`${http.url}/object`)
    expect(response.status).toBe(203)
    expect(response.headers.get('x-one')).toBe('1')
    expect(await response.text()).toMatch(/<title>t<\/title><\/head>[\s\S]*<p>object<\/p><\/div>/)
  })

  it.each(['/react', '/react-web'])('of React (%s) comes with what is late', async (path) => {
    const page = await text(path)
    expect(page).toMatch(/shell.*waiting[\s\S]*<b>late<\/b>/)
    expect(page).toMatch(/<\/html>\s*$/)
  })

  it('of Solid is sent as it comes, although it could be awaited', async () => {
    const response = await open('/solid')
    let page = ''
    for await (const chunk of response) {
      page += chunk
      if (page.includes('<p>shell</p>') && !page.includes('late')) seen.solid?.()
    }
    expect(page).toContain('<div id="app"><p>shell</p><b>late</b></div>')
  })

  it.each(silent)('sends the head of the page before its first byte (%s)', async (path) => {
    const response = await open(path)
    const [chunk] = (await once(response, 'data')) as [Buffer]
    expect(String(chunk)).toContain('<title>fixture</title>')
    response.destroy()
    await eventually(() => seen.over.includes(path))
  })

  it.each([
    ['/silent', '<title>fixture</title>'],
    ['/react-silent', 'waiting'],
  ])('of %s is not held back by middleware that compresses', async (path, wanted) => {
    const handler = site.ssr.ssr(entry)
    const http = await serve(
      compressing((req, res) => handler(req, res, (error) => res.end(String(error)))),
    )
    const [response] = (await once(httpGet(http.url + path), 'response')) as [IncomingMessage]
    const page = response.on('error', () => {}).pipe(createGunzip())
    let html = ''
    for await (const chunk of page) {
      html += chunk
      if (html.includes(wanted)) break
    }
    response.destroy()
    await http.close()
  })

  it('leaves an error of the shell to next()', async () => {
    expect(await text('/react-shell-error')).toBe('app error page')
    expect(errors.at(-1)?.message).toBe('shell')
  })

  it.each(['/fails-at-once', '/fails-later', '/web-fails', '/pipe-throws', '/old-fails'])(
    'that %s cuts the response, and is logged',
    async (path) => {
      site.log.error.length = 0
      await expect(text(path)).rejects.toThrow()
      await eventually(() => site.log.error.length > 0)
      expect(site.log.error.join()).toContain(
        path.slice(1).replace('fails-', '').replace(/-/g, ' '),
      )
    },
  )

  it('is not read faster than the client reads', async () => {
    seen.produced = 0
    const response = await open('/endless')
    response.pause()
    let before = -1
    // The buffers on the way fill, and then nothing more is produced.
    while (seen.produced > before) {
      before = seen.produced
      for (let i = 0; i < 200; i++) await turn()
    }
    expect(seen.produced).toBeLessThan(64 * 1024 * 1024)
    response.destroy()
  })

  it.each(['/endless', ...silent])(
    'is destroyed when the client leaves, also while it is silent (%s)',
    async (path) => {
      seen.over.length = 0
      site.log.error.length = 0
      const response = await open(path)
      response.destroy()
      await eventually(() => seen.over.includes(path))
      expect(site.log.error).toEqual([])
    },
  )

  it.each(silent)('is destroyed for HEAD, which has no body (%s)', async (path) => {
    seen.over.length = 0
    const response = await fetch(http.url + path, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    await eventually(() => seen.over.includes(path))
  })

  it('leaves nothing open after hundreds of clients that left', async () => {
    seen.over.length = 0
    site.log.error.length = 0
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap/.test(name)).length
    const before = sockets()
    for (let round = 0; round < 40; round++) {
      const paths = ['/silent', '/web-silent', '/react-silent', '/endless', '/silent']
      const responses = await Promise.all(paths.map(open))
      for (const response of responses) response.destroy()
    }
    await eventually(() => seen.over.length === 200)
    await eventually(() => sockets() <= before)
    expect(site.log.error).toEqual([])
    expect(await text('/node')).toContain('<p>node</p>')
  })
})

describe('a stream that is too late', () => {
  it('is destroyed when the client has left during render()', async () => {
    let release: ((stream: Readable) => void) | undefined
    let destroyed = 0
    Object.assign(globalThis, {
      __late: () =>
        new Promise((resolve) => {
          release = resolve
        }),
    })
    const site = await develop('Vite 8', {
      'src/late.ts': 'export const render = () => (globalThis as any).__late()',
    })
    const handler = site.ssr.ssr('src/late.ts')
    const http = await serve((req, res) => handler(req, res, () => {}))
    const request = httpGet(http.url, { agent: false }).on('error', () => {})
    const [, res] = await once(http.server, 'request')
    request.destroy()
    await once(res, 'close')
    while (!release) await turn()
    release(
      new Readable({
        destroy(error, done) {
          destroyed++
          done(error)
        },
      }),
    )
    while (destroyed === 0) await turn()
    expect(site.log.error).toEqual([])
    await http.close()
    await site.close()
  })
})
