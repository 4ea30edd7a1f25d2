// The guides that lead here from elsewhere: their code runs, and what they say of both sides is so.
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Files } from '../support/project.js'
import { brokenUrls, filesOf, guide, patience, type Server, urlsIn } from './support/guide.js'
import { read } from './support/pages.js'

// Builds, and processes that start and end: on a machine that does other things too, they take their time.
vi.setConfig({ testTimeout: 180_000 })

const production = { NODE_ENV: 'production' }

describe('from vite-express', () => {
  const page = 'docs/from-vite-express.md'
  const site: Files = {
    ...filesOf(page),
    'index.html':
      '<!doctype html><title>Site</title><script type="module" src="/src/main.ts"></script>',
  }

  async function answer(server: Server, request: string): Promise<string> {
    const [method = '', path = ''] = request.split(' ')
    const { status, headers } = await fetch(server.url + path, { method })
    return `${status} \`${headers.get('content-type')?.split(';')[0]}\``
  }

  it('tells how both answer in production', async () => {
    const { build, start } = await guide(site)
    await build()
    const before = await start('server.old.js', production)
    const after = await start('server.js', production)
    // vite-express listens before it has put its own handlers in.
    await expect.poll(() => answer(before, 'GET /'), patience).toBe('200 `text/html`')
    const rows = [...read(page).matchAll(/^\| `([A-Z]+ \S+)` \| (.+) \| (.+) \|$/gm)]
    expect(rows).toHaveLength(4)
    for (const [, request = '', old, now] of rows) {
      expect(await answer(before, request), `vite-express: ${request}`).toBe(old)
      expect(await answer(after, request), `connect-vite: ${request}`).toBe(now)
    }
  })

  it.each(['production', 'development'])('leads to an app that works in %s', async (mode) => {
    const { build, start } = await guide(site)
    if (mode === 'production') await build()
    const server = await start('server.js', { NODE_ENV: mode })
    for (const path of ['/', '/any/page']) {
      const html = await (await fetch(server.url + path)).text()
      expect(html).toContain('<title>Site</title>')
      expect(await brokenUrls(server, html)).toEqual([])
    }
    const message = await fetch(`${server.url}/message`, { headers: { origin: 'http://a.test' } })
    expect(await message.text()).toBe('Hello from Express!')
    expect(message.headers.get('access-control-allow-origin')).toBeNull()
  })

  it.each([
    ['Express 4', "'/{*path}'", "'*'", "'express'", "'express4'"],
    [
      'a config of another name',
      'connectVite()',
      "connectVite({ devServer: { config: { configFile: 'other.js' } } })",
      '',
      '',
    ],
  ])('leads to an app that works with %s', async (_, from, to, or, and) => {
    const code = site['server.js']?.replace(from, to).replace(or, and) as string
    const other = "export default { define: { OTHER: '1' }, base: '/other/' }"
    const { start } = await guide({ ...site, 'server.js': code, 'other.js': other })
    const server = await start('server.js', { NODE_ENV: 'development' })
    const html = await (await fetch(`${server.url}/any/page`)).text()
    expect(html).toContain('<title>Site</title>')
    expect(html).toContain(to === "'*'" ? '"/@vite/client"' : '"/other/@vite/client"')
    expect(await brokenUrls(server, html)).toEqual([])
  })

  it('has a template in the place of a transformer', async () => {
    const config = site['vite.config.js']?.replace('index.html', 'src/main.ts') as string
    const { build, start } = await guide({ ...site, 'vite.config.js': config })
    await build()
    const server = await start('template.js', production)
    const html = await (await fetch(`${server.url}/a/b`)).text()
    expect(html).toContain('content="https://example.com/a/b"')
    expect(await brokenUrls(server, html.replace(/<meta[^>]+>/, ''))).toEqual([])
  })
})

describe('from hand-written tags', () => {
  const files = filesOf('docs/from-hand-written-tags.md')
  const tagsOf = async (server: Server) => urlsIn(await (await fetch(server.url)).text())

  it('leads to all the tags that were there, and to those that were not', async () => {
    const { build, start } = await guide(files)
    await build()
    const before = await tagsOf(await start('server.old.js', production))
    const server = await start('server.js', production)
    const after = await tagsOf(server)
    expect(after).toEqual(expect.arrayContaining(before))
    // The stylesheet and the preload of a chunk that two entries share.
    expect(after.filter((url) => !before.includes(url))).toEqual([
      expect.stringMatching(/shared.*css$/),
      expect.stringMatching(/shared.*js$/),
    ])
    for (const url of after) expect((await fetch(server.url + url)).status).toBe(200)
    for (const path of ['/.vite/manifest.json', '/index.html'])
      expect((await fetch(server.url + path)).status, path).toBe(404)
  })

  it.each([
    ['Vite inside the app', 'connectVite()'],
    ['the other process kept', 'connectVite({ devServer: process.env.VITE })'],
  ])('works in development, with %s', async (_, call) => {
    const server = files['server.js']?.replace('connectVite()', call) as string
    const { root, start } = await guide({ ...files, 'server.js': server })
    const { createServer } = await import('vite')
    const vite = await createServer({ root, logLevel: 'silent', server: { port: 0 } })
    onTestFinished(() => vite.close())
    await vite.listen()
    const app = await start('server.js', {
      NODE_ENV: 'development',
      VITE: vite.resolvedUrls?.local[0] as string,
    })
    const html = await (await fetch(app.url)).text()
    expect(urlsIn(html).every((url) => url.startsWith('/'))).toBe(true)
    expect(urlsIn(html)[0]).toBe('/@vite/client')
    expect(await brokenUrls(app, html)).toEqual([])
  })

  it('works with a build that the plugin has not made', async () => {
    const config = `export default { build: { manifest: true, rollupOptions: { input: 'src/main.ts' } } }`
    const { build, start } = await guide({ ...files, 'vite.config.js': config })
    await build()
    expect(await tagsOf(await start('server.js', production))).not.toEqual([])
  })
})

describe('from webpack-dev-middleware', () => {
  it.each(['production', 'development'])('leads to an app that works in %s', async (mode) => {
    const { build, start } = await guide({
      ...filesOf('docs/from-webpack-dev-middleware.md'),
      'src/text.txt': 'raw text',
      'src/pages/a/b.js': 'export default 1\n',
      '.env': 'VITE_API_URL=https://api.example.com\n',
    })
    if (mode === 'production') await build()
    const server = await start('server.js', { NODE_ENV: mode })
    const html = await (await fetch(server.url)).text()
    expect(await brokenUrls(server, html)).toEqual([])
    const script = urlsIn(html).findLast((url) => /main.*js/.test(url))
    const code = await (await fetch(server.url + script)).text()
    for (const part of ['pages/a/b.js', 'logo', 'https://api.example.com'])
      expect(code, part).toContain(part)
    expect(code).toContain(mode === 'production' ? 'raw text' : '/src/text.txt?import&raw')
  })
})
