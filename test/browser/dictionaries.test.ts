// Compression dictionaries in a real browser: build, visit, change one line, build, deploy, visit again.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { canEncodeDeltas } from '../../src/serve/dictionary-coding.js'
import { ask } from '../support/ask.js'
import { eventually } from '../support/eventually.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject } from '../support/project.js'
import { openBrowser } from './browser.js'

const browser = canEncodeDeltas() ? ((await openBrowser()) as Browser) : undefined
afterAll(() => browser?.close())

/** A component with some code of its own: 400 of them make a chunk of 300 kB. */
function component(n: number): string {
  const rules = Array.from(
    { length: 12 },
    (_, i) =>
      `  if (x % ${n * 31 + i * 7 + 2} === ${i}) return 'c${n}-${(n * 7919 + i * 104729).toString(36)}'`,
  )
  return `export function c${n}(x) {\n${rules.join('\n')}\n  return '${n}'\n}\n`
}

interface Answer {
  path: string
  encoding: string | undefined
  bytes: number
}

/** A site that is built and deployed again and again, at one address. */
async function createSite(options: ConnectViteOptions = {}) {
  const modules = Object.fromEntries(
    Array.from({ length: 400 }, (_, n) => [`src/c${n}.js`, component(n)]),
  )
  const project = await createProject({
    ...modules,
    'src/app.js': [
      "import './app.css'",
      "import { version } from './version.js'",
      ...Object.keys(modules).map((_, n) => `import { c${n} } from './c${n}.js'`),
      `document.body.dataset.sum = String([${Object.keys(modules).map((_, n) => `c${n}`)}].map((c, i) => c(i).length).length)`,
      'document.body.dataset.version = version',
      "import('./later.js').then(({ later }) => { document.body.dataset.later = later })",
    ].join('\n'),
    'src/version.js': '',
    'src/app.css': '',
    'src/later.js': "export const later = 'later'",
    'public/worker.js':
      "self.addEventListener('install', () => self.skipWaiting())\nself.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()))\nself.addEventListener('fetch', (e) => e.respondWith(fetch(e.request)))\n",
  })
  onTestFinished(() => project.remove())
  const css = Array.from(
    { length: 600 },
    (_, n) =>
      `.c${n} { margin: ${n * 3}px ${n % 17}px; color: #${(n * 7919).toString(16).padStart(6, '0').slice(0, 6)} }`,
  )
  const answers: Answer[] = []
  let vite: Handle | undefined
  const app = await listen((req, res) => {
    const before = req.socket.bytesWritten
    res.on('finish', () => {
      const { _header: head } = res as unknown as { _header: string }
      const encoding = /^content-encoding: (.*)\r$/im.exec(head)?.[1]
      answers.push({ path: req.url!, encoding, bytes: req.socket.bytesWritten - before })
    })
    vite!(req as never, res as never, () => {
      res.setHeader('Content-Type', 'text/html')
      const tags = (
        res as unknown as { locals: { viteTags(entry: string): string } }
      ).locals.viteTags('src/app.js')
      res.end(`<!doctype html><link rel="icon" href="data:,"><head>${tags}</head><body></body>`)
    })
  })
  onTestFinished(async () => {
    await app.close()
    await vite?.close()
  })

  /** The script and the stylesheet of a build. */
  async function appFiles(version: string) {
    const assets = join(project.root, version, 'assets')
    const names = (await readdir(assets)).filter((name) => name.startsWith('app-')).sort()
    return Promise.all(
      names.map(async (name) => ({
        path: `/assets/${name}`,
        bytes: await readFile(join(assets, name)),
      })),
    )
  }

  /** Differences are made in the background. */
  async function readyFor(path: string, dictionary: Buffer) {
    const digest = createHash('sha256').update(dictionary).digest('base64')
    const headers = { 'Accept-Encoding': 'dcz, br', 'Available-Dictionary': `:${digest}:` }
    await eventually(
      async () => (await ask(app, path, { headers })).headers['content-encoding'],
      (encoding) => encoding === 'dcz',
    )
  }

  return {
    url: app.url,
    answers,
    async build(version: string) {
      await project.write({
        'src/version.js': `export const version = '${version}'`,
        'src/app.css': [...css, `body::after { content: '${version}' }`].join('\n'),
      })
      await buildProject(project.root, {
        build: { outDir: version, rolldownOptions: { input: [join(project.root, 'src/app.js')] } },
      })
    },
    async deploy(...versions: string[]) {
      await vite?.close()
      vite = connectVite({ mode: 'production', root: project.root, outDir: versions, ...options })
      const [current, ...earlier] = await Promise.all(versions.map(appFiles))
      for (const files of earlier) {
        for (const [n, { bytes }] of files.entries()) await readyFor(current![n]!.path, bytes)
      }
      answers.length = 0
    },
    get saved() {
      return vite!.info().bytesSaved
    },
    of: (path: RegExp) => answers.filter((answer) => path.test(answer.path)),
  }
}

describe.skipIf(!browser)('a visitor who comes back after a deployment', () => {
  async function visit(
    context: Awaited<ReturnType<Browser['newContext']>>,
    url: string,
    version: string,
  ) {
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(String(error)))
    await page.goto(url)
    await page.waitForFunction(
      (v) => document.body.dataset.version === v && document.body.dataset.later,
      version,
    )
    expect(await page.evaluate(() => getComputedStyle(document.body, '::after').content)).toBe(
      `"${version}"`,
    )
    expect(problems).toEqual([])
    return page
  }

  it.each<[string, ConnectViteOptions]>([
    ['fetches only what changed', {}],
    ['has its integrity checked all the same', { integrity: true }],
    ['is served by the preloads of a header too', { preload: 'both' }],
  ])('%s', async (_, options) => {
    const site = await createSite(options)
    await site.build('one')
    await site.deploy('one')
    const context = await browser!.newContext()
    onTestFinished(() => context.close())
    await (await visit(context, site.url, 'one')).close()
    await site.build('two')
    await site.deploy('two', 'one')
    await (await visit(context, site.url, 'two')).close()
    const [script] = site.of(/app-.*\.js/)
    const [style] = site.of(/app-.*\.css/)
    expect(script).toMatchObject({ encoding: 'dcz' })
    expect(script!.bytes).toBeLessThan(1_000)
    expect(style).toMatchObject({ encoding: 'dcz' })
    expect(site.saved).toBeGreaterThan(10_000)

    // A third deployment: what was put together from a difference is a dictionary itself.
    await site.build('three')
    await site.deploy('three', 'two', 'one')
    await visit(context, site.url, 'three')
    expect(site.of(/app-.*\.js/)).toEqual([expect.objectContaining({ encoding: 'dcz' })])
  })

  it('may have missed a deployment', async () => {
    const site = await createSite()
    await site.build('one')
    await site.build('two')
    await site.build('three')
    await site.deploy('one')
    const context = await browser!.newContext()
    onTestFinished(() => context.close())
    const first = await visit(context, site.url, 'one')
    await site.deploy('three', 'two', 'one')
    await visit(context, site.url, 'three')
    await first.close()
    expect(site.of(/app-.*\.js/)).toEqual([expect.objectContaining({ encoding: 'dcz' })])
  })

  it('has two tabs of two builds open', async () => {
    const site = await createSite()
    await site.build('one')
    await site.build('two')
    await site.deploy('one')
    const context = await browser!.newContext()
    onTestFinished(() => context.close())
    const old = await visit(context, site.url, 'one')
    await site.deploy('two', 'one')
    await visit(context, site.url, 'two')
    await old.reload()
    await old.waitForFunction(() => document.body.dataset.version === 'two')
    expect(site.of(/app-.*\.js/)).toEqual([expect.objectContaining({ encoding: 'dcz' })])
  })

  it('has a service worker between the page and the server', async () => {
    const site = await createSite()
    await site.build('one')
    await site.build('two')
    await site.deploy('one')
    const context = await browser!.newContext()
    onTestFinished(() => context.close())
    const page = await visit(context, site.url, 'one')
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js')
      await navigator.serviceWorker.ready
    })
    await page.reload()
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await site.deploy('two', 'one')
    await visit(context, site.url, 'two')
    expect(site.of(/app-.*\.js/)).toHaveLength(1)
  })
})
