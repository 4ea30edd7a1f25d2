// ssr(): the template with what render() returns, in development on every Vite and in production.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type Express } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import {
  build,
  type DevSite,
  develop,
  type Running,
  type Site,
  serve,
  type Version,
  versions,
} from './support.js'

const entry = 'src/entry-server.ts'

/** One entry whose path says what render() does. */
const files = {
  [entry]: `
    import { greet } from './greet.ts'
    export async function render(url: string, { req, res, nonce }: any) {
      const path = url.replace(/[?].*/, '')
      switch (path) {
        case '/string': return '<p>' + greet(url) + '</p>'
        case '/object': return { html: '<p>object</p>', head: '<title>head</title>', status: 404, headers: { 'X-One': '1', 'Set-Cookie': ['a=1', 'b=2'] } }
        case '/headers': return { html: '', headers: new Headers([['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]) }
        case '/response': return new Response('whole', { status: 201, headers: { 'X-Whole': 'yes' } })
        case '/redirect': res.statusCode = 302; res.setHeader('Location', '/elsewhere'); res.end(); return
        case '/ended': return res.status(202).end('ended by itself')
        case '/context': return [req.method, res.statusCode, nonce].join(' ')
        case '/dollars': return "<p>$& $1 $\` $' $$ <!--ssr-outlet--></p><script>state = '<\\\\/script>'</script>"
        case '/throw': throw new Error('boom')
        case '/throw-string': throw 'route'
        case '/throw-status': throw Object.assign(new Error('gone'), { status: 410, expose: true })
        case '/nothing': return
        case '/number': return 42
        case '/bad-header': return { html: '', headers: { 'X-Bad': 'a\\r\\nb' } }
        default: return path
      }
    }
  `,
  'src/greet.ts': `export const greet = (who: string) => 'hello ' + who\n`,
  'src/no-render.ts': `export const rendre = () => ''\n`,
}

function app(handler: Handler, errors: unknown[] = []): Express {
  const app = express()
  app.use('/sub', handler as never)
  app.use(handler as never)
  app.use((_req, res) => void res.status(404).send('app 404'))
  app.use((err: unknown, _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(err)
    res.status(500).send('app error page')
  })
  return app
}

const modes: [string, () => Promise<Site>][] = [
  ...(Object.keys(versions) as Version[]).map((version): [string, () => Promise<Site>] => [
    `development on ${version}`,
    () => develop(version, files),
  ]),
  ['production', () => build(files, { entry })],
]

describe.each(modes)('ssr() in %s', (_mode, start) => {
  let site: Site
  let http: Running
  const errors: Error[] = []
  const get = (path: string, init?: RequestInit) =>
    fetch(http.url + path, { redirect: 'manual', ...init })

  beforeAll(async () => {
    site = await start()
    http = await serve(app(site.ssr.ssr(entry), errors))
  })
  afterAll(async () => {
    await http?.close()
    await site?.close()
  })

  it('puts what render() returns at the outlet', async () => {
    const response = await get('/string?x=1')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const html = await response.text()
    expect(html).toContain('<div id="app"><p>hello /string?x=1</p></div>')
    expect(html).not.toContain('ssr-outlet')
    expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(html))
  })

  it("prints the browser's entry as transformIndexHtml or the build has it", async () => {
    const html = await (await get('/string')).text()
    expect(html).toMatch(
      _mode === 'production' ? /src="\/assets\/index-[\w-]+\.js"/ : /@vite\/client/,
    )
  })

  it('gives render() the original URL under a mount path', async () => {
    expect(await (await get('/sub/page')).text()).toContain('<div id="app">/sub/page</div>')
  })

  it('takes head, status and headers from an object', async () => {
    const response = await get('/object')
    expect(response.status).toBe(404)
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toMatch(/<title>head<\/title><\/head>[\s\S]*<p>object<\/p>/)
  })

  it('takes Headers with several cookies', async () => {
    expect((await get('/headers')).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('sends a Response as the whole answer', async () => {
    const response = await get('/response')
    expect(response.status).toBe(201)
    expect(response.headers.get('x-whole')).toBe('yes')
    expect(await response.text()).toBe('whole')
  })

  it('leaves alone a response that render() has ended itself', async () => {
    const response = await get('/redirect')
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/elsewhere')
  })

  it('leaves it alone for every return value of render() then', async () => {
    const before = errors.length
    const response = await get('/ended')
    expect(response.status).toBe(202)
    expect(await response.text()).toBe('ended by itself')
    expect(errors.length).toBe(before)
    expect(site.log.error).toEqual([])
  })

  it('inserts replacement patterns, outlets and script ends as they are', async () => {
    expect(await (await get('/dollars')).text()).toContain(
      `<div id="app"><p>$& $1 $\` $' $$ <!--ssr-outlet--></p><script>state = '<\\/script>'</script></div>`,
    )
  })

  it('answers HEAD with the same headers and no body', async () => {
    const whole = await get('/string')
    const response = await get('/string', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(whole.headers.get('content-length'))
    expect(await response.text()).toBe('')
  })

  it.each(['POST', 'PUT', 'OPTIONS', 'DELETE'])('hands %s on', async (method) => {
    expect(await (await get('/string', { method })).text()).toContain('app 404')
  })

  it('hands an error of render() to next(), its stack pointing at the source', async () => {
    const response = await get('/throw')
    expect(await response.text()).toBe('app error page')
    const error = errors.at(-1)
    expect(error).toBeInstanceOf(Error)
    expect(error?.message).toBe('boom')
    const { stack } = (error?.cause ?? error) as Error
    expect(stack).toContain(_mode === 'production' ? 'entry-server.js' : `${entry}:14:30`)
  })

  it('makes an Error of a thrown string, because next("route") means something else', async () => {
    expect(await (await get('/throw-string')).text()).toBe('app error page')
    expect(errors.at(-1)?.message).toContain('"route"')
  })

  it("keeps an error's own status", async () => {
    await get('/throw-status')
    expect(errors.at(-1)).toMatchObject({ status: 410, expose: true, message: 'gone' })
  })

  it.each(['/nothing', '/number'])('says what %s is, where HTML was wanted', async (path) => {
    await get(path)
    expect(errors.at(-1)).toMatchObject({ code: 'ERR_SSR_EXPORT' })
    expect(errors.at(-1)?.message).toMatch(/returned (undefined|a number)/)
  })

  it('hands a header that would split the response to next()', async () => {
    const response = await get('/bad-header')
    expect(response.status).toBe(500)
    expect(response.headers.has('b')).toBe(false)
  })
})

describe('ssr() in development', () => {
  let site: DevSite
  beforeAll(async () => {
    site = await develop('Vite 8', { ...files, 'plain.html': '<p>no outlet</p><!--app-html-->' })
  })
  afterAll(() => site?.close())

  async function failure(handler: Handler): Promise<Error> {
    const errors: Error[] = []
    const http = await serve(app(handler, errors))
    await fetch(`${http.url}/`)
    await http.close()
    return errors[0] as Error
  }

  it('says which exports an entry has when render() is not among them', async () => {
    const error = await failure(site.ssr.ssr('src/no-render.ts'))
    expect(error).toMatchObject({ code: 'ERR_SSR_EXPORT', status: 500, expose: false })
    expect(error.message).toContain('rendre')
  })

  it('says which comments a template has when the outlet is not among them', async () => {
    const error = await failure(site.ssr.ssr(entry, { template: 'plain.html' }))
    expect(error).toMatchObject({ code: 'ERR_SSR_OUTLET' })
    expect(error.message).toContain('<!--app-html-->')
  })

  it('says where it looked for a template', async () => {
    const error = await failure(site.ssr.ssr(entry, { template: 'nowhere.html' }))
    expect(error).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND' })
    expect(error.message).toContain(join(site.project.root, 'nowhere.html'))
  })

  it('says where it looked for an entry', async () => {
    const error = await failure(site.ssr.ssr('src/nowhere.ts'))
    expect(error).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND' })
    expect(error.message).toContain(join(site.project.root, 'src/nowhere.ts'))
  })

  it('says which environments there are', async () => {
    const error = await failure(site.ssr.ssr(entry, { environment: 'srr' }))
    expect(error).toMatchObject({ code: 'ERR_OPTION' })
    expect(error.message).toContain('Did you mean "ssr"?')
  })

  it('takes another outlet and template', async () => {
    const handler = site.ssr.ssr(entry, { template: 'plain.html', outlet: '<!--app-html-->' })
    const http = await serve(app(handler))
    expect(await (await fetch(`${http.url}/string`)).text()).toContain('</p><p>hello /string</p>')
    await http.close()
  })
})

describe('a production response to a broken page', () => {
  it('never has a stack, for any NODE_ENV and any error handler', async () => {
    const site = await build(files, { entry })
    const plain = express().use(site.ssr.ssr(entry) as never)
    expect(plain.get('env')).not.toBe('production')
    const http = await serve(plain)
    const response = await fetch(`${http.url}/throw`)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toMatch(/entry-server|\.js:\d|node:internal|dist/)
    await http.close()
    await site.close()
  })

  it('comes with an error of the same class, whose cause has the stack for the log', async () => {
    const site = await build(
      {
        ...files,
        [entry]:
          'export class Lost extends TypeError {}\nexport function render() { throw new Lost("lost") }\n',
      },
      { entry },
    )
    const errors: Error[] = []
    const http = await serve(app(site.ssr.ssr(entry), errors))
    await fetch(`${http.url}/`)
    const [error] = errors
    expect(error).toBeInstanceOf(TypeError)
    expect(error?.stack).toBe('TypeError: lost')
    expect((error as Error & { cause: Error }).cause.stack).toContain('entry-server.js')
    await http.close()
    await site.close()
  })
})

describe('ssr() in production, at creation', () => {
  let site: Site
  beforeAll(async () => {
    site = await build(files, { entry })
  })
  afterAll(() => site?.close())

  it.each([
    ['an entry that was not built', 'src/other-server.ts', {}, 'ERR_ENTRY_NOT_FOUND'],
    ['an environment that was not built', entry, { environment: 'worker' }, 'ERR_BUILD_NOT_FOUND'],
    ['a directory that is not there', entry, { outDir: 'dist/nowhere' }, 'ERR_BUILD_NOT_FOUND'],
    ['a template that was not built', entry, { template: 'x.html' }, 'ERR_BUILD_NOT_FOUND'],
    ['an outlet that is not there', entry, { outlet: '<!--x-->' }, 'ERR_SSR_OUTLET'],
  ])('refuses %s', (_what, entry, options, code) => {
    expect(() => site.ssr.ssr(entry, options)).toThrow(expect.objectContaining({ code }))
  })

  it('finds a server build by its directory alone', async () => {
    const http = await serve(app(site.ssr.ssr(entry, { outDir: 'dist/server' })))
    expect(await (await fetch(`${http.url}/string`)).text()).toContain('hello /string')
    await http.close()
  })

  it('does not load Vite', async () => {
    const sources = await Promise.all(
      ['built-host.ts', 'built-pages.ts', 'built-modules.ts', 'server-build.ts'].map((file) =>
        readFile(join(import.meta.dirname, '../../src/ssr/production', file), 'utf8'),
      ),
    )
    expect(sources.join('\n')).not.toMatch(/from 'vite'|import\('vite'\)/)
  })
})
