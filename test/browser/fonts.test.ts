// Preloaded fonts in a real browser: each is fetched once, used, and none is reported as unused.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import express from 'express'
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { createDirectory } from '../support/directory.js'
import { listen } from '../support/listen.js'
import { installed } from '../support/packages.js'
import { quiet } from '../support/settings.js'
import { vites } from '../tags/builds.js'
import { openBrowser } from './browser.js'
import { watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const name = 'vt323-latin-400-normal'
const css = `
  @font-face { font-family: Terminal; src: url('./${name}.woff2') format('woff2'), url('./${name}.woff') format('woff') }
  body { font-family: Terminal }
`

async function build(): Promise<string> {
  const { path: root, remove } = createDirectory({
    'package.json': '{ "type": "module" }',
    'src/main.js': "import './main.css'\ndocument.documentElement.dataset.main = 'ran'\n",
    'src/main.css': css,
  })
  onTestFinished(remove)
  for (const format of ['woff2', 'woff']) {
    const file = `${name}.${format}`
    copyFileSync(join(installed, '@fontsource/vt323/files', file), join(root, 'src', file))
  }
  await vites.at(-1)![1].build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: { manifest: true, rolldownOptions: { input: join(root, 'src/main.js') } },
  })
  return root
}

describe.skipIf(!browser)('fonts: true', () => {
  it.each<[string, ConnectViteOptions]>([
    ['as tags', {}],
    ['in the Link header', { preload: 'header' }],
    ['as both', { preload: 'both' }],
  ])('%s: the page has its font after one request', async (_, options) => {
    const handle = connectVite({
      mode: 'production',
      root: await build(),
      fonts: true,
      logger: quiet,
      ...options,
    })
    const fetched: string[] = []
    const app = express()
    app.use((req, _res, next) => {
      if (/\.woff2?$/.test(req.path)) fetched.push(req.path)
      next()
    })
    app.use(handle)
    app.get('/', (_req, res) => {
      const tags = res.locals.viteTags('src/main.js')
      res.send(`<!doctype html><link rel="icon" href="data:,">${tags}<p>Hello</p>`)
    })
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await handle.close()
      await close()
    })
    const { page, problems, messages } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(url)
    await page.evaluate(() => document.fonts.ready)
    expect(await page.evaluate(() => [...document.fonts].map(({ status }) => status))).toEqual([
      'loaded',
    ])
    // Chromium waits a few seconds after the load event before it reports what was not used.
    await page.waitForTimeout(5_000)
    expect(fetched).toEqual([expect.stringMatching(/\.woff2$/)])
    expect(messages).toEqual([])
    expect(problems).toEqual([])
  })
})
