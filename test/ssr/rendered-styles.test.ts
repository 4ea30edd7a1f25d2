// Styles of pages that are rendered on the server: before scripts run in development, once and in order in production.
import express from 'express'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { listening } from '../support/listen.js'
import { lendPackages } from '../support/packages.js'
import { createProject, type Project } from '../support/project.js'
import { viteAliases } from '../support/vites.js'

const page = `<!doctype html><html><head><meta charset="utf-8"></head><body><main><!--ssr-outlet--></main>
<script type="module" src="/src/client.ts"></script></body></html>`

const files = {
  'index.html': page,
  'src/client.ts':
    "import './base.css'\nvoid import('./lazy.ts')\nvoid import('./other-page.ts')\n",
  'src/base.css': '.a { color: rgb(1, 1, 1) }\n',
  'src/lazy.ts': "import './shared-part.ts'\nimport './lazy.css'\nexport const lazy = 'lazy'\n",
  'src/lazy.css': '.a { color: rgb(2, 2, 2) }\n',
  'src/shared-part.ts': "import './part.css'\nexport const part = 'part'\n",
  'src/part.css': '.a { color: rgb(3, 3, 3) }\n',
  'src/other-page.ts': "import './shared-part.ts'\nexport const other = 'other'\n",
  'src/entry-server.ts': `
    export function render(url, { tags, res }) {
      const one = tags('src/lazy.ts')
      const two = tags(['src/lazy.ts', 'src/other-page.ts', 'src/not-a-chunk.ts'])
      const own = tags(['src/client.ts', 'src/base.css'])
      if (url.includes('missing')) tags('src/missing.ts')
      return { head: '<!--one-->' + one + '<!--two-->' + two + '<!--own-->' + own + '<!--end-->', html: 'rendered' }
    }
  `,
}

async function serve(project: Project, options: ConnectViteOptions, more?: (vite: Handle) => void) {
  const logger = { info() {}, warn() {}, error() {} }
  const vite = connectVite({ root: project.root, logger, ...options })
  onTestFinished(() => vite.close())
  more?.(vite)
  const app = express().use(vite)
  app.get('/page', vite.page())
  app.get('/missing', vite.ssr('src/entry-server.ts'))
  app.get('/', vite.ssr('src/entry-server.ts'))
  app.use(((error, _req, res, _next) => {
    res.status(500).send(error.code)
  }) as express.ErrorRequestHandler)
  const { url } = await listening(app)
  return async (path: string) =>
    (
      await fetch(url + path, { headers: { accept: 'text/html', 'sec-fetch-dest': 'document' } })
    ).text()
}

const between = (html: string, from: string, to: string) =>
  html.slice(html.indexOf(`<!--${from}-->`), html.indexOf(`<!--${to}-->`))

describe.each(viteAliases)('in development (%s)', (alias) => {
  it('page() and ssr() send the styles of their scripts in the head, at the first request', async () => {
    const project = await createProject(files, { linked: false })
    onTestFinished(project.remove)
    lendPackages(project.root, { vite: alias })
    const get = await serve(project, {
      mode: 'development',
      nonce: 'bm9uY2U',
      devServer: { config: { logLevel: 'silent', optimizeDeps: { noDiscovery: true } } },
    })
    for (const path of ['/page', '/']) {
      const html = await get(path)
      const [head = ''] = html.split('</head>')
      expect(head, path).toMatch(/<style nonce="bm9uY2U" data-vite-dev-id="[^"]*\/src\/base\.css">/)
      expect(head).toContain('rgb(1, 1, 1)')
      expect(html.match(/base\.css">/g)).toHaveLength(1)
    }
  })
})

it('an external Vite with the plugin: page() sends the styles of its scripts in the head', async () => {
  const project = await createProject(files)
  onTestFinished(project.remove)
  const external = await runVite(project.root, { appType: 'spa', plugins: [backend()] })
  onTestFinished(external.close)
  const get = await serve(project, { mode: 'development', devServer: external.url })
  const [head = ''] = (await get('/page')).split('</head>')
  expect(head).toMatch(/<style data-vite-dev-id="[^"]*\/src\/base\.css">/)
})

describe('tags() of render()', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject(files)
    const { createBuilder } = await import('vite')
    const builder = await createBuilder({
      root: project.root,
      configFile: false,
      logLevel: 'silent',
      plugins: [backend({ input: ['index.html', 'src/main.ts'] })],
      environments: { ssr: { build: { rolldownOptions: { input: ['src/entry-server.ts'] } } } },
      builder: {},
    })
    await builder.buildApp()
    return project.remove
  })

  it('in production prints what the template lacks, once, and preloads what is lazy', async () => {
    const get = await serve(project, { mode: 'production' })
    const html = await get('/')
    const hrefs = (part: string) =>
      Array.from(
        part.matchAll(/<(link|script)[^>]*?rel="(\w+)"[^>]*?href="([^"]+)"/g),
        ([, , rel, href]) => [rel, href?.replace(/-[\w-]{8}\./, '.')],
      )
    const top = html.slice(0, html.indexOf('<!--one-->'))
    expect(hrefs(top)).toContainEqual(['stylesheet', '/assets/index.css'])
    const one = between(html, 'one', 'two')
    expect(hrefs(one).filter(([rel]) => rel === 'stylesheet')).toEqual(
      expect.arrayContaining([
        ['stylesheet', '/assets/lazy.css'],
        ['stylesheet', '/assets/shared-part.css'],
      ]),
    )
    expect(hrefs(one)).toContainEqual(['modulepreload', '/assets/lazy.js'])
    expect(one).not.toContain('<script')
    const two = between(html, 'two', 'own')
    expect(hrefs(two)).toEqual([['modulepreload', '/assets/other-page.js']])
    // Of the template, which has it.
    expect(between(html, 'own', 'end')).toBe('<!--own-->')
    expect(await get('/missing')).toBe('ERR_ENTRY_NOT_FOUND')
  })

  it('in development prints the styles of what was rendered, once, and runs nothing', async () => {
    const get = await serve(project, {
      mode: 'development',
      devServer: { config: { logLevel: 'silent', configFile: false } },
    })
    // Before the first request nothing of these modules is known. Later ones have the styles where they were asked for.
    for (let visit = 0; visit < 3; visit++) {
      const html = await get('/')
      const [head = ''] = html.split('</head>')
      for (const colour of ['rgb(1, 1, 1)', 'rgb(2, 2, 2)', 'rgb(3, 3, 3)']) {
        expect(head.split(colour), colour).toHaveLength(2)
      }
      expect(between(html, 'one', 'end')).not.toContain('<script')
      if (visit === 2) expect(between(html, 'one', 'two')).toContain('rgb(3, 3, 3)')
    }
    expect(await get('/missing')).toContain('ERR_ENTRY_NOT_FOUND')
  })
})
