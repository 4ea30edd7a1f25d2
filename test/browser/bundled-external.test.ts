// Bundled development of a Vite in another process, in a real browser.
import type { Browser } from 'playwright-core'
import type { InlineConfig } from 'vite'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { html, reactPlugin } from '../support/bundled.js'
import { listening } from '../support/listen.js'
import { createProject } from '../support/project.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const files = {
  'src/main.jsx':
    "import { createRoot } from 'react-dom/client'\nimport { Counter } from './Counter.jsx'\ncreateRoot(document.querySelector('#app')).render(<Counter />)",
  'src/Counter.jsx':
    "import { lazy, Suspense, useState } from 'react'\nimport './Counter.css'\nconst Later = lazy(() => import('./Later.jsx'))\nexport function Counter() {\n  const [count, setCount] = useState(0)\n  return <><button onClick={() => setCount(count + 1)}>Clicked {count} times</button>{count > 0 && <Suspense><Later /></Suspense>}</>\n}",
  'src/Counter.css': 'button { color: rgb(1, 2, 3) }',
  'src/Later.jsx': 'export default function Later() { return <p>Later</p> }',
  'src/asked.js': "document.querySelector('#asked').textContent = 'asked'",
}

async function app(config: InlineConfig, { withPlugin = true, proxy = true } = {}) {
  const plugin = await reactPlugin()
  const { root, remove, write } = await createProject(files)
  onTestFinished(remove)
  const external = await runVite(root, {
    logLevel: 'silent',
    experimental: { bundledDev: true },
    plugins: [plugin(), withPlugin && backend({ input: ['src/main.jsx'] })],
    ...config,
  })
  const logger = { info() {}, warn() {}, error() {} }
  const vite = connectVite({
    mode: 'development',
    root,
    devServer: { url: external.url, proxy },
    logger,
  })
  const { url } = await listening((req, res) => {
    vite(req, res, (error) => {
      if (error || req.url !== '/') return void res.writeHead(404).end(String(error))
      res.setHeader('content-type', 'text/html')
      const { viteTags, viteAsset } = vite.locals(req, res)
      const tags = viteTags(['src/main.jsx', 'src/asked.js'])
      const body = `<div id="app"></div><p id="asked"></p><img src="${viteAsset('src/logo.svg')}">`
      res.end(`<!doctype html>${html(tags, body)}`)
    })
  })
  // The page's socket would keep the server from closing.
  onTestFinished(() => vite.close())
  onTestFinished(external.close)
  return { url, vite, write }
}

describe.skipIf(!browser)('Bundled development of an external Vite', () => {
  it.each([
    ['/', true],
    ['/app/', true],
    ['/', false],
    ['/app/', false],
  ])('works with the plugin there, with the base %s and proxy: %s', async (base, proxy) => {
    const { url, write } = await app({ base }, { proxy })
    const watched = await watchedPage(browser)
    const { page, problems } = watched
    await page.goto(url)
    await listeningForUpdates(watched)
    await page.click('#app button')
    await eventually(() => page.textContent('#app')).toBe('Clicked 1 timesLater')
    expect(await page.textContent('#asked')).toBe('asked')
    const colour = () => page.locator('button').evaluate((button) => getComputedStyle(button).color)
    expect(await colour()).toBe('rgb(1, 2, 3)')
    await mark(page)
    await write({ 'src/Counter.jsx': files['src/Counter.jsx'].replace('Clicked', 'Pressed') })
    await eventually(() => page.textContent('#app')).toBe('Pressed 1 timesLater')
    await write({ 'src/Counter.css': 'button { color: rgb(4, 5, 6) }' })
    await eventually(colour).toBe('rgb(4, 5, 6)')
    expect(await isMarked(page)).toBe(true)
    await page.reload()
    await eventually(() => page.textContent('#app')).toBe('Pressed 0 times')
    expect(problems).toEqual([])
  })

  it('needs the plugin, and says so', async () => {
    const { vite } = await app(
      { build: { rolldownOptions: { input: ['src/main.jsx'] } } },
      { withPlugin: false },
    )
    await vite.ready()
    expect(() => vite.tags('src/main.jsx')).toThrow(
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining("Add backend() from 'connect-vite/plugin' to plugins"),
      }),
    )
  })
})
