// Pages whose view was rendered before their layout, in a real browser: every entry runs, and nothing is reported.
import { createRequire } from 'node:module'
import express from 'express'
import type { Browser } from 'playwright-core'
import type { InlineConfig } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { layoutEngines, setUpEngine } from '../support/layouts.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'
import { quiet } from '../support/settings.js'
import { openBrowser } from './browser.js'
import { eventually, watchedPage } from './harness/page.js'

const fromExample = createRequire(new URL('../../example-app/', import.meta.url))
const { default: react } = await import(fromExample.resolve('@vitejs/plugin-react'))
const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const files = {
  // React in both: the first of them finds the preamble, or reports that it cannot.
  'src/layout.js': "import { ran } from './shared.jsx'\nran('layout')\n",
  'src/main.jsx': `
    import { createRoot } from 'react-dom/client'
    import { Hello, ran } from './shared.jsx'
    createRoot(document.querySelector('#app')).render(<Hello />)
    ran('main')
    import('./lazy.js')
  `,
  'src/shared.jsx': `
    export const ran = (name) => { document.documentElement.dataset[name] = 'ran' }
    export function Hello() { return <b>Hello</b> }
  `,
  'src/lazy.js': "import { ran } from './shared.jsx'\nran('lazy')\n",
}

let project: Project
beforeAll(async () => {
  project = await createProject(files)
  const input = ['src/layout.js', 'src/main.jsx'].map((file) => `${project.root}/${file}`)
  await buildProject(project.root, {
    plugins: [react()],
    build: { chunkImportMap: true, rolldownOptions: { input } },
  })
})
// Vite's dependency optimizer may still write for a moment after close().
afterAll(() => vi.waitFor(() => project.remove(), { timeout: 30_000, interval: 500 }))

const config: InlineConfig = { configFile: false, plugins: [react()], logLevel: 'silent' }
const modes: [string, ConnectViteOptions][] = [
  ['development with React', { mode: 'development', devServer: { config } }],
  ['a build with an import map', { mode: 'production' }],
]

describe.skipIf(!browser).each(layoutEngines)('$name', (engine) => {
  it.each(modes)('%s: layout and view run, though the body comes late', async (_, options) => {
    const vite = connectVite({ root: project.root, logger: quiet, ...options })
    const app = express()
    setUpEngine(engine, app, project.root)
    app.use(vite)
    app.get('/', (_req, res) => {
      res.render('page', (_error: unknown, html = '') => {
        const [head, body] = html.split('<body>')
        res.type('html').write(`${head}<body>`)
        setTimeout(() => res.end(body), 500)
      })
    })
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await vite.close()
      await close()
    })
    const { page, problems } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(url)
    await page.locator('#app b').waitFor()
    for (const name of ['layout', 'main', 'lazy'])
      await eventually(() => page.locator('html').getAttribute(`data-${name}`)).toBe('ran')
    expect(problems).toEqual([])
  })
})
