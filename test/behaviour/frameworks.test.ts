// The same behaviour under Express 5, Express 4, Connect and bare http, in every mode.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Request, Response } from '../../src/http.js'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { type Framework, frameworks, pageApp } from '../support/frameworks.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'

type Tags = (entry: string) => string
const locals = (res: Response) => res.locals as { viteTags: Tags; viteAsset: Tags }

const page = (_req: Request, res: Response) =>
  `<!doctype html><head>${locals(res).viteTags('src/main.ts')}</head><img src="${locals(res).viteAsset('src/logo.svg')}">`

/** Every URL that the page names. */
const urls = (html: string) =>
  [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string)

let project: Project
beforeAll(async () => {
  project = await createProject()
  await buildProject(project.root)
  await buildProject(project.root, { base: './', build: { outDir: 'dist-relative' } })
  await buildProject(project.root, { base: '/sub/', build: { outDir: 'dist-sub' } })
})
afterAll(() => project.remove())

async function withApp(
  framework: Framework,
  options: ConnectViteOptions,
  mount: string,
  use: (
    get: (path: string, init?: RequestInit) => Promise<globalThis.Response>,
    vite: Handle,
  ) => Promise<void>,
) {
  const vite = connectVite({ root: project.root, logger: quiet, ...options })
  const { url, close } = await listen(pageApp(framework, vite, page, mount))
  try {
    await use((path, init) => fetch(url + path, init), vite)
  } finally {
    await vite.close()
    await close()
  }
}
const quiet = { info() {}, warn() {}, error() {} }

describe.each(frameworks)('$name', (framework) => {
  it('production: the page names hashed files, and each of them is served for a year', async () => {
    await withApp(framework, { mode: 'production' }, '/', async (get) => {
      const html = await (await get('/page')).text()
      const named = urls(html)
      expect(named.length).toBeGreaterThanOrEqual(5)
      for (const url of named) {
        expect(url).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.\w+$/)
        const file = await get(url)
        expect(file.status, url).toBe(200)
        expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      }
    })
  })

  it('production: public files revalidate, unknown paths are the app’s, a missing asset is a plain 404', async () => {
    await withApp(framework, { mode: 'production' }, '/', async (get) => {
      const robots = await get('/robots.txt')
      expect(robots.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
      expect(await robots.text()).toContain('User-agent')
      const revalidated = await get('/robots.txt', {
        headers: { 'if-none-match': robots.headers.get('etag') as string },
      })
      expect(revalidated.status).toBe(304)
      expect(await (await get('/unknown.txt')).text()).toBe('app 404')
      expect(await (await get('/robots.txt', { method: 'POST' })).text()).toBe('app 404')
      expect(await (await get('/.vite/manifest.json')).text()).toBe('app 404')
      const missing = await get('/assets/main-00000000.js')
      expect(missing.status).toBe(404)
      expect(missing.headers.get('cache-control')).toBe('no-store')
      expect(missing.headers.get('content-type')).toContain('text/plain')
    })
  })

  it.each([
    ['a base that is the mount path', 'dist-sub', '/sub/'],
    ['a relative base', 'dist-relative', './'],
  ])('production: mounted at /sub with %s', async (_what, outDir, base) => {
    // Bare http has nothing that takes a mount path off, so a relative base means the root there.
    if (framework.name === 'bare http' && base === './') return
    await withApp(framework, { mode: 'production', outDir, base }, '/sub', async (get) => {
      const html = await (await get('/sub/page')).text()
      for (const url of urls(html)) {
        expect(url).toMatch(/^\/sub\/assets\//)
        expect((await get(url)).status, url).toBe(200)
      }
    })
  })

  it('production: an unknown entry is an error of the page, and the next page works', async () => {
    await withApp(framework, { mode: 'production' }, '/', async (_get, vite) => {
      const { url, close } = await listen(
        pageApp(framework, vite, (req, res) =>
          locals(res).viteTags(req.url?.includes('good') ? 'src/main.ts' : '__proto__'),
        ),
      )
      expect((await fetch(`${url}/page`)).status).toBe(500)
      expect((await fetch(`${url}/page?good`)).status).toBe(200)
      await close()
    })
  })

  it('stub: the tags of the entries alone', async () => {
    await withApp(framework, { mode: 'stub', root: '/nowhere' }, '/', async (get) => {
      const html = await (await get('/page')).text()
      expect(html).toContain('<script type="module" src="/src/main.ts"></script>')
      expect(html).not.toContain('@vite/client')
    })
  })

  it.each([['/'], ['/sub']])(
    'development mounted at %s: one port for page, modules and public files',
    async (mount) => {
      await withApp(framework, { mode: 'development' }, mount, async (get, vite) => {
        const html = await (await get(`${mount === '/' ? '' : mount}/page`)).text()
        expect(html).toContain('/@vite/client')
        expect(html).toContain('src="/src/main.ts"')
        // Vite's base is '/', so an app that mounts the middleware elsewhere leaves those URLs to others.
        if (mount === '/') {
          const client = await get('/@vite/client')
          expect(client.headers.get('content-type')).toContain('javascript')
          expect(await (await get('/src/main.ts')).text()).toContain('import')
          expect((await get('/robots.txt')).status).toBe(200)
          expect(await (await get('/src/unknown.ts')).text()).toBe('app 404')
        }
        const other = await get('/anything', { headers: { origin: 'http://localhost:1' } })
        expect(other.headers.get('access-control-allow-origin')).toBeNull()
        expect(other.headers.get('vary')).toBeNull()
        expect(vite.server).toBeDefined()
      })
    },
  )
})
