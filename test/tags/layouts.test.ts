// Engines that render the view first: what belongs to the page still stands before everything that needs it.
import { createRequire } from 'node:module'
import express from 'express'
import type { InlineConfig } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { layoutEngines, setUpEngine } from '../support/layouts.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'
import { quiet } from '../support/settings.js'
import { elements } from './support.js'

const fromExample = createRequire(new URL('../../example-app/', import.meta.url))
const { default: react } = await import(fromExample.resolve('@vitejs/plugin-react'))

const files = {
  'src/layout.js': "import { shared } from './shared.js'\nshared('layout')\nimport('./lazy.js')\n",
  'src/main.jsx':
    "import { shared } from './shared.js'\nexport const App = () => <p />\nshared('main')\n",
  'src/shared.js': "export const shared = (name) => document.body.dataset[name] = 'ran'\n",
  'src/lazy.js': "export const lazy = 'lazy'\n",
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

describe.each(layoutEngines)('$name', (engine) => {
  /** Scripts and preloads of the page, in the order of the document. */
  async function page(options: ConnectViteOptions) {
    const vite = connectVite({ root: project.root, logger: quiet, nonce: 'abc', ...options })
    const app = express()
    setUpEngine(engine, app, project.root)
    app.use(vite)
    app.get('/', (_req, res) => res.render('page'))
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await vite.close()
      await close()
    })
    const html = await (await fetch(url)).text()
    expect(html.indexOf('layout')).toBeGreaterThan(0)
    const [, head, body] = /<head>(.*)<\/head><body>(.*)<\/body>/s.exec(html) ?? []
    return { head: elements(head ?? ''), body: elements(body ?? '') }
  }
  type Tag = Awaited<ReturnType<typeof page>>['head'][number]

  it("development: Vite's client and the preamble are before the first script of the document", async () => {
    const config: InlineConfig = { configFile: false, plugins: [react()], logLevel: 'silent' }
    const { head, body } = await page({ mode: 'development', devServer: { config } })
    const at = (tags: Tag[], test: (tag: Tag) => boolean) => tags.findIndex(test)
    const isPreamble = ({ text }: Tag) => text.includes('injectIntoGlobalHook')
    for (const [tags, entry] of [
      [head, '/src/layout.js'],
      [body, '/src/main.jsx'],
    ] as const) {
      const script = at(tags, ({ attributes }) => attributes.src === entry)
      for (const needed of [
        isPreamble,
        ({ attributes }: Tag) => attributes.src === '/@vite/client',
        ({ attributes }: Tag) => attributes.property === 'csp-nonce',
      ]) {
        expect(at(tags, needed), entry).toBeGreaterThanOrEqual(0)
        expect(at(tags, needed), entry).toBeLessThan(script)
      }
    }
  })

  it('production: the import map is before the first script and the first preload of the document', async () => {
    const { head, body } = await page({ mode: 'production' })
    const kinds = head.map(({ name, attributes }) => attributes.type ?? attributes.rel ?? name)
    expect(kinds.indexOf('importmap')).toBeGreaterThanOrEqual(0)
    expect(kinds.indexOf('importmap')).toBeLessThan(kinds.indexOf('module'))
    expect(kinds.indexOf('importmap')).toBeLessThan(kinds.indexOf('modulepreload'))
    const scripts = [...head, ...body].map(({ attributes: { src = '' } }) => src)
    for (const entry of ['layout', 'main'])
      expect(scripts.filter((src) => src.includes(entry))).toHaveLength(1)
  })
})
