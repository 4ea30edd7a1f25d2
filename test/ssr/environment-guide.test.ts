// What Vite's guide "Environment API for Frameworks" does by hand, by this package: on every Vite, in development and released.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compilePackage, copySite, type Package, type RunningSite, type SiteCopy } from './site.js'

let connectVite: Package
beforeAll(async () => {
  connectVite = await compilePackage()
})
afterAll(() => connectVite?.remove())

const vites = [
  ['vite5', 'ssr'],
  ['vite6', 'server'],
  ['vite7', 'server'],
  ['vite', 'server'],
] as const

/** `vite build --app`; on Vite 5 one build after the other. */
async function build(site: SiteCopy, vite: string): Promise<void> {
  if (vite !== 'vite5') {
    await site.vite('build', '--app')
    return
  }
  await site.vite('build')
  await site.vite('build', '--ssr', 'src/entry-server.js')
}

describe.each(vites)('on %s, in the environment "%s"', (vite, environment) => {
  let site: SiteCopy
  beforeAll(async () => {
    site = await copySite(connectVite, vite)
  })
  afterAll(() => site?.remove())

  describe.each(['development', 'production'] as const)('in %s', (mode) => {
    let running: RunningSite
    let place: SiteCopy
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(running.url + path, init)
      return { status: response.status, headers: response.headers, text: await response.text() }
    }

    beforeAll(async () => {
      if (mode === 'production') await build(site, vite)
      place = mode === 'production' ? await site.release() : site
      running = await place.start(environment, mode)
    })
    afterAll(async () => {
      await running?.close()
      if (place !== site) await place?.remove()
    })

    it('renders a page through the environment', async () => {
      const { status, headers, text } = await get('/any/page?x=1')
      expect(status).toBe(200)
      expect(headers.get('content-type')).toMatch(/^text\/html/)
      expect(text).toContain('<div id="app"><h1>Hello from /any/page?x=1</h1></div>')
      expect(text.includes('/@vite/client')).toBe(mode === 'development')
    })

    it('serves what the page asks for', async () => {
      const { text } = await get('/')
      const scripts = [...text.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, src = '']) => src)
      expect(scripts).toHaveLength(mode === 'development' ? 2 : 1)
      for (const src of scripts) {
        const script = await get(src)
        expect(script.status).toBe(200)
        expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
      }
    })

    it('hands an error of the page to the app, with a stack of sources and never in production', async () => {
      const { status, text } = await get('/broken')
      const { message, stack } = JSON.parse(text) as { message: string; stack: string }
      expect([status, message]).toEqual([500, 'broken on purpose'])
      const [first, ...frames] = stack.split('\n')
      expect(first).toBe('Error: broken on purpose')
      if (mode === 'production') expect(frames).toEqual([])
      else expect(frames[0]).toMatch(/src\/entry-server\.js:5:32\)?$/)
    })

    it('hands out the exports of a server module', async () => {
      expect((await get('/exports')).text).toBe('<h1>Hello from import()</h1>')
    })

    it.skipIf(vite === 'vite5')('asks a fetch handler in the runnable environment', async () => {
      const { text } = await get('/api/items', { method: 'POST', body: 'body' })
      expect(JSON.parse(text)).toEqual({ pathname: '/api/items', method: 'POST', body: 'body' })
    })

    it.skipIf(vite === 'vite5')('asks a fetchable environment', async () => {
      expect(await get('/custom/page')).toMatchObject({
        status: 203,
        text: '<h1>Hello from /custom/page</h1>',
      })
    })

    it.runIf(mode === 'development')('shows an edit to the next request, everywhere', async () => {
      const paths = vite === 'vite5' ? ['/', '/exports'] : ['/', '/exports', '/custom']
      await site.edit('src/page.js', 'Hello', 'Good morning')
      // The file watcher takes its time.
      const edited = async () => {
        const pages = await Promise.all(paths.map((path) => get(path)))
        return pages.every(({ text }) => text.includes('Good morning'))
      }
      await expect.poll(edited, { timeout: 30_000 }).toBe(true)
      await site.edit('src/page.js', 'Good morning', 'Hello')
    })

    it.runIf(mode === 'production')('has no Vite to load', async () => {
      const script = "import('vite')"
      const args = ['--input-type=module', '-e', script]
      const loading = promisify(execFile)(process.execPath, args, { cwd: place.root })
      await expect(loading).rejects.toThrow("Cannot find package 'vite'")
    })
  })
})
