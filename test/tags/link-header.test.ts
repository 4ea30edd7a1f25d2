import { createServer, get, type RequestListener, type RequestOptions } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import type { Handler, Request, Response } from '../../src/http.js'
import { connectVite } from '../../src/index.js'
import type { Printer } from '../../src/tags/printer.js'
import type { ViteLocals } from '../../src/tags/types.js'
import { buildOnDisk, guide, openPage, printerFor, printerOf, summary } from './support.js'

const css = '</assets/shared-ChJ_j-JJ.css>; rel=preload; as=style'
const js = '</assets/bar-gkvgaI9m.js>; rel=modulepreload'
const shared = '</assets/shared-B7PI925R.js>; rel=modulepreload'

describe('preload', () => {
  it('as a header takes the place of the tags', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    expect(summary(viteTags('bar'))).toEqual([
      'style /assets/shared-ChJ_j-JJ.css',
      'script /assets/bar-gkvgaI9m.js',
    ])
    expect(res.getHeader('Link')).toBe([css, js, shared].join(', '))
  })

  it('as both prints the tags too', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'both' }))
    expect(summary(viteTags('bar'))).toHaveLength(3)
    expect(res.getHeader('Link')).toBe([css, js, shared].join(', '))
  })

  it.each(['tag', false] as const)('as %j sets no header', (preload) => {
    const { res, viteTags } = openPage(printerFor(guide, { preload }))
    expect(summary(viteTags('bar'))).toHaveLength(preload ? 3 : 2)
    expect(res.getHeader('Link')).toBeUndefined()
  })

  it('is decided by the call above all', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    viteTags('bar', { preload: 'tag' })
    expect(res.getHeader('Link')).toBeUndefined()
  })

  it('announces the kinds that the call asks for', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    viteTags('bar', { only: 'style' })
    expect(res.getHeader('Link')).toBe(css)
    viteTags('bar', { only: 'script' })
    expect(res.getHeader('Link')).toBe([css, js].join(', '))
  })

  it('announces a file once a page', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    viteTags('bar')
    viteTags('bar')
    viteTags('foo')
    expect(String(res.getHeader('Link')).split(', ')).toEqual([
      css,
      js,
      shared,
      '</assets/foo-5UjPuW-k.css>; rel=preload; as=style',
      '</assets/foo-BRBmoGS9.js>; rel=modulepreload',
    ])
  })

  it.each([
    ['</x>; rel=next', '</x>; rel=next, '],
    [['</x>; rel=next', '</y>; rel=prev'], '</x>; rel=next, </y>; rel=prev, '],
  ])('is appended to %j', (before, start) => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    res.setHeader('Link', before)
    viteTags('bar')
    expect(res.getHeader('Link')).toBe(`${start}${[css, js, shared].join(', ')}`)
  })

  it('has the nonce that the tags have, so that the policy of the page allows the preloads', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header', nonce: 'a+/b==' }))
    viteTags('bar')
    expect(res.getHeader('Link')).toBe(
      [css, js, shared].map((link) => `${link}; nonce="a+/b=="`).join(', '),
    )
  })

  it('has crossorigin and integrity where the tags have them', () => {
    const root = buildOnDisk(guide)
    const { res, viteTags } = openPage(printerOf({ root, preload: 'header', integrity: 'sha256' }))
    viteTags('bar')
    for (const link of String(res.getHeader('Link')).split(', '))
      expect(link).toMatch(
        /^<[^>]+>; rel=[^"]+; crossorigin=anonymous; integrity="sha256-[\w+/=]+"$/,
      )
  })

  it('stops before 4,000 bytes, what the app set included', () => {
    const manifest: Manifest = {
      'a.js': {
        file: 'a.js',
        isEntry: true,
        css: Array.from({ length: 200 }, (_, index) => `assets/stylesheet-number-${index}.css`),
      },
    }
    const { res, viteTags } = openPage(printerFor(manifest, { preload: 'header' }))
    res.setHeader('Link', `</${'x'.repeat(1000)}>; rel=next`)
    viteTags('a.js')
    const header = String(res.getHeader('Link'))
    expect(header.length).toBeLessThanOrEqual(4000)
    expect(header.length).toBeGreaterThan(3900)
    expect(header).toMatch(/as=style$/)
  })

  it('cannot be broken out of', () => {
    const manifest: Manifest = { 'a.js': { file: 'a>\r\nSet-Cookie: x=1, <b.js', isEntry: true } }
    const attributes = () => ({
      href: '/x>;\r\nEvil: 1',
      crossorigin: 'x\r\nEvil: 1',
      integrity: '"; evil',
    })
    for (const options of [{}, { attributes }]) {
      const { res, viteTags } = openPage(printerFor(manifest, { ...options, preload: 'header' }))
      viteTags('a.js')
      const header = String(res.getHeader('Link'))
      expect(header).not.toMatch(/[\r\n]|evil"/)
      expect(header).toMatch(/^<[^<>]*>; rel=modulepreload$/)
    }
  })

  it('does nothing once the headers are on their way', () => {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header' }))
    res.writeHead(200)
    expect(summary(viteTags('bar'))).toHaveLength(2)
  })

  it('does nothing outside a request', () => {
    expect(summary(printerFor(guide, { preload: 'header' }).tags('bar'))).toHaveLength(2)
  })

  it('announces no modules before an import map', () => {
    const root = buildOnDisk(guide, { 'dist/importmap.json': '{"imports":{}}' })
    const { res, viteTags } = openPage(printerOf({ root, preload: 'header' }))
    viteTags('bar')
    expect(res.getHeader('Link')).toBe(css)
  })
})

type Http2Listener = NonNullable<Parameters<typeof createHttp2Server>[1]>

const portOf = (server: Server) => (server.address() as AddressInfo).port

describe('earlyHints', () => {
  /** What a browser gets: the hints, and the answer. */
  async function request(handlers: Handler[], options: RequestOptions = {}) {
    const server = createServer((req: Request, res: Response) => {
      const next = (index: number) => (error?: unknown) => {
        if (error) res.writeHead(500).end((error as { code: string }).code)
        else if (handlers[index]) handlers[index](req, res, next(index + 1))
        else res.end('done')
      }
      next(0)()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const hints: string[] = []
    const body = await new Promise<string>((resolve, reject) => {
      const req = get({ port, host: '127.0.0.1', agent: false, ...options }, (res) => {
        res.setEncoding('utf8')
        let text = ''
        res.on('data', (chunk) => {
          text += chunk
        })
        res.on('end', () => resolve(text))
      })
      req.on('information', ({ statusCode, headers }) =>
        hints.push(`${statusCode} ${headers.link}`),
      )
      req.on('error', reject)
    })
    return { hints, body }
  }
  const navigate = { headers: { 'sec-fetch-mode': 'navigate' } }
  const hintsOf = (printer: Printer) => printer.earlyHints('bar')

  it('sends a navigating browser the same list as the header', async () => {
    const { hints, body } = await request([hintsOf(printerFor(guide))], navigate)
    expect(hints).toEqual([`103 ${[css, js, shared].join(', ')}`])
    expect(body).toBe('done')
  })

  it('has crossorigin and integrity in a form that Node sends', async () => {
    const printer = printerOf({ root: buildOnDisk(guide), integrity: true })
    const { hints } = await request([hintsOf(printer)], navigate)
    expect(hints[0]).toMatch(/as=style; crossorigin=anonymous; integrity="sha384-/)
  })

  it.each([
    ['a script', { headers: { 'sec-fetch-mode': 'cors' } }],
    ['a client that says nothing', {}],
  ])('sends nothing to %s', async (_, options) => {
    expect(await request([hintsOf(printerFor(guide))], options)).toEqual({
      hints: [],
      body: 'done',
    })
  })

  it('never sends twice', async () => {
    const printer = printerFor(guide)
    const handlers = [hintsOf(printer), hintsOf(printer), printer.earlyHints('foo')]
    expect((await request(handlers, navigate)).hints).toHaveLength(1)
    const twice = hintsOf(printer)
    expect((await request([twice, twice], navigate)).hints).toHaveLength(1)
  })

  it('come before an answer with the same header', async () => {
    const vite = connectVite({ mode: 'production', root: buildOnDisk(guide), preload: 'both' })
    const hint = vite.earlyHints('bar')
    const app: RequestListener = (req, res) =>
      vite(req, res, () =>
        hint(req, res, () => {
          const { locals = {} } = res as Response
          res.end((locals as unknown as ViteLocals).viteTags('bar'))
        }),
      )
    const link = [css, js, shared].join(', ')

    const server = createServer(vite.wrap(app))
    const h2 = createHttp2Server(vite.wrap(app) as unknown as Http2Listener)
    for (const each of [server, h2]) {
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void each.close())
    }

    const overHttp1 = await new Promise<unknown[]>((resolve, reject) => {
      const seen: unknown[] = []
      get({ port: portOf(server), agent: false, ...navigate }, (res) => {
        seen.push([res.statusCode, res.headers.link])
        res.resume().on('end', () => resolve(seen))
      })
        .on('information', ({ statusCode, headers }) => seen.push([statusCode, headers.link]))
        .on('error', reject)
    })
    expect(overHttp1).toEqual([
      [103, link],
      [200, link],
    ])

    const session = connectHttp2(`http://127.0.0.1:${portOf(h2)}`)
    const overHttp2 = await new Promise<unknown[]>((resolve, reject) => {
      const seen: unknown[] = []
      session
        .request({ ':path': '/', ...navigate.headers })
        .on('headers', (headers) => seen.push([headers[':status'], headers.link]))
        .on('response', (headers) => seen.push([headers[':status'], headers.link]))
        .on('error', reject)
        .on('end', () => resolve(seen))
        .resume()
    })
    session.close()
    expect(overHttp2).toEqual(overHttp1)
  })

  it('sends once a response, also for several builds', async () => {
    const [one, two] = [printerFor(guide), printerFor(guide, { name: 'admin', base: '/admin/' })]
    const { hints } = await request([hintsOf(one), hintsOf(two)], navigate)
    expect(hints).toEqual([`103 ${[css, js, shared].join(', ')}`])
  })

  it('names what the tags name, wherever the middleware is mounted', async () => {
    const printer = printerFor({ 'a.js': { file: 'a.js', isEntry: true } }, { base: './' })
    const at = (baseUrl: string, handler: Handler): Handler => {
      return (req, res, next) => handler(Object.assign(req, { baseUrl }), res, next)
    }
    const install: Handler = (req, res, next) => {
      printer.install(req, res)
      next()
    }
    const hint = printer.earlyHints('a.js')
    const hintsAt = async (...handlers: Handler[]) => (await request(handlers, navigate)).hints
    expect(await hintsAt(at('/sub', install), at('', hint))).toEqual([
      '103 </sub/a.js>; rel=modulepreload',
    ])
    expect(await hintsAt(at('/sub', install), at('/sub/router', hint))).toEqual([
      '103 </sub/a.js>; rel=modulepreload',
    ])
    expect(await hintsAt(at('', install), at('/router', hint))).toEqual([
      '103 </a.js>; rel=modulepreload',
    ])
    expect(await hintsAt(at('/sub', hint))).toEqual(['103 </sub/a.js>; rel=modulepreload'])
  })

  it('hands an entry that is not there to the error handler', async () => {
    const { hints, body } = await request([printerFor(guide).earlyHints('nope')], navigate)
    expect([hints, body]).toEqual([[], 'ERR_ENTRY_NOT_FOUND'])
  })

  it('refuses what is no entry when it is set up', () => {
    expect(() => printerFor(guide).earlyHints('')).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })
})
