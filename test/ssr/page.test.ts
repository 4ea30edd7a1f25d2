// page(): HTML entries, in development on every Vite and in production.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import express from 'express'
import type { Plugin } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import {
  build,
  buildAll,
  develop,
  type Running,
  type Site,
  type SiteOptions,
  serve,
  template,
  type Version,
  versions,
} from './support.js'

const files = {
  'admin/index.html':
    '<!doctype html><head><title>admin</title></head><script type="module" src="/src/other.ts"></script>',
}
const inputs = {
  client: { build: { rolldownOptions: { input: ['index.html', 'admin/index.html'] } } },
}

/** A catch-all, as a single-page app has it. */
function app(handler: Handler, errors: unknown[] = []) {
  const app = express()
  app.use(handler as never)
  app.use((_req, res) => void res.status(404).send('app 404'))
  app.use((err: unknown, _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(err)
    res.status(500).send('app error page')
  })
  return app
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function running(handler: Handler, errors?: unknown[]): Promise<Running> {
  const http = await serve(app(handler, errors))
  closing.push(http.close)
  return http
}

const modes: [string, (options?: SiteOptions) => Promise<Site>][] = [
  ...(Object.keys(versions) as Version[]).map((version): (typeof modes)[number] => [
    `development on ${version}`,
    (options) => develop(version, files, options),
  ]),
  [
    'production',
    (options) =>
      build(files, {
        ...options,
        config: {
          ...options?.config,
          environments: {
            client: { build: { outDir: 'dist/client', ...inputs.client.build, manifest: true } },
          },
        },
      }),
  ],
]

describe.each(modes)('page() in %s', (mode, start) => {
  let site: Site
  let http: Running
  beforeAll(async () => {
    site = await start()
    http = await serve(app(site.ssr.page()))
  })
  afterAll(async () => {
    await http?.close()
    await site?.close()
  })

  it.each(['/', '/any/route?x=1', '//any', '/%', '/users/john.doe'])(
    'answers a navigation to %s with the HTML entry',
    async (path) => {
      const response = await fetch(http.url + path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toMatch(
        mode === 'production'
          ? /src="\/assets\/index-[\w-]+\.js"/
          : /src="\/@vite\/client"[\s\S]*"\/src\/main\.ts/,
      )
    },
  )

  it('leaves a missing asset to the 404 page of the app', async () => {
    const response = await fetch(`${http.url}/assets/gone.js`)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('app 404')
  })

  it('leaves other methods to the app', async () => {
    expect((await fetch(`${http.url}/`, { method: 'POST' })).status).toBe(404)
  })

  it('answers 304 to a client that has the page already', async () => {
    const etag = (await fetch(`${http.url}/`)).headers.get('etag') as string
    expect(etag).toMatch(/^"[\w-]+"$/)
    for (const value of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await fetch(`${http.url}/`, { headers: { 'If-None-Match': value } })
      expect(response.status).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
      expect(response.headers.get('content-length')).toBeNull()
      expect(await response.text()).toBe('')
    }
    const other = await fetch(`${http.url}/`, { headers: { 'If-None-Match': '"x"' } })
    expect(other.status).toBe(200)
  })

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${http.url}/`, { method: 'HEAD' })
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100)
    expect(await response.text()).toBe('')
  })

  it('serves other HTML entries', async () => {
    const http = await running(site.ssr.page('admin/index.html'))
    expect(await (await fetch(`${http.url}/admin/users`)).text()).toContain('<title>admin</title>')
  })

  it.each(['admin/index.html', '/admin/index.html', './admin/index.html'])(
    'finds an entry by the name %s',
    async (name) => {
      const http = await running(site.ssr.page(name))
      expect(await (await fetch(`${http.url}/`)).text()).toContain('<title>admin</title>')
    },
  )

  it('finds an entry by its absolute path', async () => {
    const http = await running(site.ssr.page(join(site.project.root, 'admin/index.html')))
    expect(await (await fetch(`${http.url}/`)).text()).toContain('<title>admin</title>')
  })

  it('leaves the headers that the app has set', async () => {
    const page = site.ssr.page()
    const http = await running((req, res, next) => {
      res.statusCode = 404
      res.setHeader('Cache-Control', 'no-store')
      page(req, res, next)
    })
    const response = await fetch(`${http.url}/`, { headers: { 'If-None-Match': '*' } })
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain('fixture')
  })
})

describe.each(modes)('page() with a nonce in %s', (_mode, start) => {
  it('puts it on the tags, and has no ETag, since each page is another one', async () => {
    const site = await start()
    closing.push(site.close)
    let count = 0
    const page = site.ssr.page()
    const http = await running((req, res, next) => {
      count += 1
      res.locals = { cspNonce: `nonce${count}` }
      page(req, res, next)
    })
    for (const nonce of ['nonce1', 'nonce2']) {
      const response = await fetch(`${http.url}/`, { headers: { 'If-None-Match': '*' } })
      expect(response.status).toBe(200)
      expect(response.headers.get('etag')).toBeNull()
      const html = await response.text()
      expect(html).toContain(`<head><meta property="csp-nonce" nonce="${nonce}">`)
      const tags = html.match(/<(?:script|link|style)\b[^>]*>/g) as string[]
      expect(tags.length).toBeGreaterThan(0)
      for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`)
    }
  })

  it("puts it in the place of Vite's own placeholder", async () => {
    const site = await start({ config: { html: { cspNonce: 'PLACEHOLDER' } }, nonce: 'abc' })
    closing.push(site.close)
    const http = await running(site.ssr.page())
    const html = await (await fetch(`${http.url}/`)).text()
    expect(html).not.toContain('PLACEHOLDER')
    expect(html.match(/<meta property="csp-nonce"/g)).toHaveLength(1)
    expect(html).toContain('nonce="abc"')
  })

  it('refuses one that could leave the attribute', async () => {
    const site = await start({ nonce: '"><script>' })
    closing.push(site.close)
    const errors: unknown[] = []
    const http = await running(site.ssr.page(), errors)
    expect((await fetch(`${http.url}/`)).status).toBe(500)
    expect(errors[0]).toMatchObject({ code: 'ERR_OPTION' })
  })
})

describe('page() in development', () => {
  it("gives Vite's plugins the URL of the request, and the page's own path", async () => {
    const seen: unknown[] = []
    const plugin: Plugin = {
      name: 'spy',
      transformIndexHtml(_html, { originalUrl, path }) {
        seen.push({ originalUrl, path })
      },
    }
    const site = await develop('Vite 8', files, { config: { plugins: [plugin] } })
    closing.push(site.close)
    const http = await running(site.ssr.page('admin/index.html'))
    await fetch(`${http.url}/admin/users?id=1`)
    expect(seen).toEqual([{ originalUrl: '/admin/users?id=1', path: '/admin/index.html' }])
  })

  it('shows an edit of the page to the next request', async () => {
    const site = await develop('Vite 8', files)
    closing.push(site.close)
    const http = await running(site.ssr.page())
    await fetch(`${http.url}/`)
    await site.project.write({ 'index.html': '<p>edited</p>' })
    expect(await (await fetch(`${http.url}/`)).text()).toContain('<p>edited</p>')
  })

  it('prints URLs under the base, and resolves relative ones from deep routes', async () => {
    const site = await develop(
      'Vite 8',
      { 'index.html': '<script type="module" src="./src/main.ts"></script>' },
      { config: { base: '/app/' } },
    )
    closing.push(site.close)
    const http = await running(site.ssr.page())
    const html = await (await fetch(`${http.url}/app/deep/route`)).text()
    expect(html).toContain('src="/app/@vite/client"')
    expect(html).toContain('src="/app/src/main.ts"')
  })

  it('hands a page that is not there to next(), and recovers when it is', async () => {
    const site = await develop('Vite 8', files)
    closing.push(site.close)
    const errors: unknown[] = []
    const http = await running(site.ssr.page('later.html'), errors)
    expect((await fetch(`${http.url}/`)).status).toBe(500)
    expect(errors[0]).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND', status: 500, expose: false })
    await site.project.write({ 'later.html': '<p>later</p>' })
    expect((await fetch(`${http.url}/`)).status).toBe(200)
  })
})

describe('page() in production', () => {
  const relative = {
    'index.html': template.replace('</body>', '<a href="./about">About</a></body>'),
    ...files,
  }

  it.each([
    ['/', '/', 'index.html'],
    ['/', '/deep/route', 'index.html'],
    ['/', '/admin/deep/route', 'admin/index.html'],
    ['/sub', '/sub/deep/route', 'index.html'],
    ['/sub', '/sub', 'admin/index.html'],
    ['/:tenant', '/any/route', 'index.html'],
    ['/:tenant', '/%22%3E%3Cscript%3E/route', 'index.html'],
  ])('with a relative base, mounted at %s, finds its files from %s', async (mount, path, file) => {
    const config = {
      base: './',
      environments: {
        client: { build: { outDir: 'dist/client', manifest: true, ...inputs.client.build } },
      },
    }
    const site = await build(relative, { config })
    closing.push(site.close)
    const handler = express().use(mount, site.ssr.page(file) as never)
    const http = await serve(handler)
    closing.push(http.close)
    const html = await (await fetch(http.url + path)).text()
    const [, src = ''] = /<script[^>]* src="([^"]+)"/.exec(html) ?? []
    const [, under = ''] = /^(\/[^/]+)?/.exec(mount === '/' ? '' : path) ?? []
    expect(src).toMatch(/\/assets\/[\w-]+\.js$/)
    expect(src.startsWith(`${under}/assets/`)).toBe(true)
    if (file === 'index.html') expect(html).toContain('<a href="./about">')
  })

  it('refuses a page that was not built, at creation', async () => {
    const site = await build(files)
    closing.push(site.close)
    expect(() => site.ssr.page('admin/index.html')).toThrow(
      expect.objectContaining({ code: 'ERR_BUILD_NOT_FOUND' }),
    )
  })

  it('serves from memory, and the new page after a reload', async () => {
    const site = await build(files)
    closing.push(site.close)
    const http = await running(site.ssr.page())
    const get = async () => (await fetch(`${http.url}/`)).text()
    const before = await get()
    await site.project.write({ 'src/main.ts': 'document.title = "second build"' })
    await buildAll(site.project, undefined)
    expect(await get()).toBe(before)
    site.reload()
    await site.project.write({ 'dist/client/index.html': 'of a third build, half written' })
    const after = await get()
    expect(after).toContain('<title>fixture</title>')
    expect(after).not.toBe(before)
  })

  it('keeps the page it has when a new build has none, and logs it once', async () => {
    const site = await build(files)
    closing.push(site.close)
    const http = await running(site.ssr.page())
    await rm(join(site.project.root, 'dist/client/index.html'))
    site.reload()
    expect((await fetch(`${http.url}/`)).status).toBe(200)
    expect((await fetch(`${http.url}/`)).status).toBe(200)
    expect(site.log.error).toHaveLength(1)
    await writeFile(join(site.project.root, 'dist/client/index.html'), '<p>back</p>')
    site.reload()
    expect(await (await fetch(`${http.url}/`)).text()).toBe('<p>back</p>')
  })
})
