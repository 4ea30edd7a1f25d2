// Subresource integrity of what scripts import, enforced by Integrity-Policy in a real browser.
import express from 'express'
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { quiet } from '../support/settings.js'
import { buildWith, removeBuilds, vites } from '../tags/builds.js'
import { openBrowser } from './browser.js'
import { eventually, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(async () => {
  await browser?.close()
  await removeBuilds()
})

const ran = "import { ran } from './shared.js'\n"
const files = {
  'package.json': '{ "type": "module" }',
  'src/shared.js':
    "export const ran = (name) => { document.documentElement.dataset[name] = 'ran' }\n",
  'src/main.js': `${ran}
    ran('main')
    import('./lazy.js').catch((error) => ran('refused'))
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    worker.onmessage = () => ran('worker')
  `,
  'src/lazy.js': `${ran}import './lazy.css'\nran('lazy')\nimport('./nested.js')\n`,
  'src/lazy.css': '.lazy { color: rgb(1, 2, 3) }',
  'src/nested.js': `${ran}ran('nested')\n`,
  'src/worker.js': "import('./part.js').then(({ part }) => postMessage(part))\n",
  'src/part.js': "export const part = 'part'\n",
}

const vite8 = vites.at(-1)![1]
const builds: [string, (typeof vites)[number][1], object][] = [
  ...vites.map(([name, vite]): [string, typeof vite, object] => [name, vite, {}]),
  ['Vite 8, chunkImportMap', vite8, { chunkImportMap: true }],
]

describe.skipIf(!browser).each(builds)('a build by %s', (_, vite, build) => {
  async function open({ preload = 'tag' as 'tag' | 'header', tampered = false } = {}) {
    const root = await buildWith(vite, files, ['src/main.js'], {
      build,
      worker: { format: 'es' },
    })
    const handle = connectVite({
      mode: 'production',
      root,
      integrity: true,
      preload,
      logger: quiet,
    })
    const app = express()
    // What a CDN or a disk may do to a file after its hash was taken.
    app.get('/assets/{*file}', (req, res, next) => {
      if (!tampered || !/lazy-.*\.js$/.test(req.path)) return next()
      res.type('js').send("document.documentElement.dataset.tampered = 'ran'")
    })
    app.use(handle)
    app.get('/', (_req, res) => {
      res.set('Integrity-Policy', 'blocked-destinations=(script)')
      res.send(
        `<!doctype html><link rel="icon" href="data:,">${res.locals.viteTags('src/main.js')}`,
      )
    })
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await handle.close()
      await close()
    })
    const watched = await watchedPage(browser)
    onTestFinished(() => watched.page.context().close())
    await watched.page.goto(url)
    const html = watched.page.locator('html')
    const state = (name: string) => html.getAttribute(`data-${name}`)
    return { ...watched, state }
  }

  it.each(['tag', 'header'] as const)(
    'runs with lazy chunks and a worker, preload: %j',
    async (preload) => {
      const { state, problems } = await open({ preload })
      for (const name of ['main', 'lazy', 'nested', 'worker'])
        await eventually(() => state(name)).toBe('ran')
      expect(problems).toEqual([])
    },
  )

  it('refuses a lazy chunk that is not the one that was built', async () => {
    const { state } = await open({ tampered: true })
    await eventually(() => state('refused')).toBe('ran')
    expect(await state('tampered')).toBeNull()
  })
})
