// HTML entries that fail in development: the page shows the error and comes back by itself.
import express from 'express'
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { listening } from '../support/listen.js'
import { createProject } from '../support/project.js'
import { quiet } from '../support/settings.js'
import { openBrowser } from './browser.js'
import { eventually, listeningForUpdates, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const OVERLAY = 'vite-error-overlay'

const html = (body: string) =>
  `<!doctype html><html><head><link rel="icon" href="data:,"></head><body>${body}<!--ssr-outlet--><script type="module" src="/src/main.js"></script></body></html>`
const good = html('<h1>Good</h1>')

/** What keeps Vite from making the page, and what the overlay tells of it. */
const failures = [
  {
    what: 'a hook of a plugin that throws',
    broken: html('[[header]]'),
    message: 'no partial header',
  },
  {
    what: 'a style in the HTML that does not parse',
    broken: html('<style>@import "./none.css"; body { color: red</style>'),
    message: 'Unclosed block',
  },
  {
    what: 'a script in the HTML that imports a missing file',
    broken: html('<script type="module">import "/src/missing.js"</script>'),
    message: 'missing.js',
  },
]

/** Fills in partials, and fails for one that does not exist. Its message is coloured, as those of bundlers are. */
const config = `import { readFileSync } from 'node:fs'
export default {
  logLevel: 'silent',
  plugins: [{
    name: 'partials',
    transformIndexHtml: (html) => html.replace(/\\[\\[(\\w+)\\]\\]/, (_, name) => {
      try {
        return readFileSync(new URL('partials/' + name + '.html', import.meta.url), 'utf8')
      } catch {
        throw new Error('\\u001b[31mno partial ' + name + '\\u001b[39m')
      }
    }),
  }],
}\n`

async function createSite(index: string) {
  const project = await createProject({
    'index.html': index,
    'src/main.js': "document.body.dataset.main = 'runs'\n",
    'src/server.js': "export const render = () => '<p>rendered</p>'\n",
    'vite.config.js': config,
  })
  onTestFinished(project.remove)
  return project
}

const ways = ['embedded', 'external', 'external with the plugin'] as const
type Way = (typeof ways)[number]

async function start(root: string, way: Way = 'embedded') {
  const plugins = way === 'external with the plugin' ? [backend()] : []
  const external =
    way === 'embedded'
      ? undefined
      : await runVite(root, { configFile: `${root}/vite.config.js`, plugins })
  if (external) onTestFinished(() => external.close())
  const vite = connectVite({
    mode: 'development',
    root,
    ...(external ? { devServer: external.url } : {}),
    logger: quiet,
  })
  onTestFinished(() => vite.close())
  const app = express()
  app.set('env', 'test-without-log')
  app.use(vite)
  app.get('/', vite.page())
  if (!external) app.get('/rendered', vite.ssr('src/server.js'))
  return (await listening(app)).url
}

async function open(url: string) {
  const watched = await watchedPage(browser)
  onTestFinished(() => watched.page.context().close())
  await watched.page.goto(url)
  return watched
}

describe.skipIf(!browser).each(failures)('$what', ({ broken, message }) => {
  it.each([
    ...ways.map((way) => ({ way, path: '/', handler: 'page()' })),
    { way: 'embedded' as const, path: '/rendered', handler: 'ssr()' },
  ])('covers the page of $handler, which loads again once it is fixed ($way)', async (one) => {
    const project = await createSite(broken)
    const watched = await open((await start(project.root, one.way)) + one.path)
    const { page } = watched
    await page.locator(OVERLAY).waitFor({ state: 'attached' })
    const told = await page.locator(`${OVERLAY} .message-body`).textContent()
    expect(told).toContain(message)
    expect(await page.content()).not.toContain('\u001b')
    await listeningForUpdates(watched)
    await project.write({ 'index.html': good })
    await eventually(() => page.locator('h1').textContent()).toBe('Good')
    await eventually(() => page.locator('body').getAttribute('data-main')).toBe('runs')
    expect(await page.locator(OVERLAY).count()).toBe(0)
  })
})

it.each(ways)(
  'The app’s error page has the cause of an HTML entry that fails (%s)',
  async (way) => {
    const project = await createSite(html('[[header]]'))
    const url = await start(project.root, way)
    const answer = await fetch(url, {
      headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' },
    })
    expect(answer.status).toBe(500)
    const [page, overlay = ''] = (await answer.text()).split('data-connect-vite-error')
    for (const part of [page, overlay]) expect(part).toContain('no partial header')
  },
)

describe.skipIf(!browser)('an HTML entry that fails', () => {
  it('loads again when another file than the entry is fixed', async () => {
    const project = await createSite(html('[[header]]'))
    const watched = await open(await start(project.root))
    await watched.page.locator(OVERLAY).waitFor({ state: 'attached' })
    await listeningForUpdates(watched)
    await project.write({ 'partials/header.html': '<h1>Header</h1>' })
    await eventually(() => watched.page.locator('h1').textContent()).toBe('Header')
  })

  it('after an edit covers the page that was open, and goes once it is fixed', async () => {
    const project = await createSite(good)
    const watched = await open(await start(project.root))
    await listeningForUpdates(watched)
    await project.write({ 'index.html': html('[[header]]') })
    await watched.page.locator(OVERLAY).waitFor({ state: 'attached' })
    await project.write({ 'index.html': good })
    await eventually(() => watched.page.locator('body').getAttribute('data-main')).toBe('runs')
    expect(await watched.page.locator(OVERLAY).count()).toBe(0)
  })
})
