// Pages and server modules as members of the handle: through the whole package, in development and in production.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import express from 'express'
import { createBuilder, type InlineConfig, type Plugin } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'
import { serve, template } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  'index.html': template,
  [entry]: `
    export const render = (url: string) => { if (url === '/throw') throw new Error('boom'); return 'first ' + url }
    export default { fetch: () => { throw new Error('boom') } }
  `,
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function project(): Promise<Project> {
  const project = await createProject(files)
  closing.push(project.remove)
  return project
}

async function build({ root }: Project): Promise<void> {
  const builder = await createBuilder({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [backend({ input: 'index.html' })],
    builder: {},
    environments: { ssr: { build: { rolldownOptions: { input: entry } } } },
  })
  await builder.buildApp()
}

/** An app without an error handler of its own. */
async function start(
  { root }: Project,
  options: ConnectViteOptions = {},
): Promise<{ vite: Handle; get: (path: string) => Promise<string> }> {
  const vite = connectVite({ root, ...options })
  closing.push(vite.close)
  const app = express()
  app.use(vite)
  app.use('/page', vite.page())
  app.use('/fetch', vite.fetchable(entry))
  app.use(vite.ssr(entry))
  const http = await serve(app)
  closing.push(http.close)
  return { vite, get: async (path) => (await fetch(http.url + path)).text() }
}

describe('in development', () => {
  it('Vite is asked once a page', async () => {
    const asked: string[] = []
    const spy: Plugin = {
      name: 'spy',
      transformIndexHtml(_html, { filename }) {
        asked.push(filename)
      },
    }
    const site = await project()
    const config: InlineConfig = { configFile: false, logLevel: 'silent', plugins: [spy] }
    const { get } = await start(site, { mode: 'development', devServer: { config } })
    await get('/first')
    asked.length = 0
    await get('/second')
    await get('/page')
    const page = join(site.root, 'index.html')
    expect(asked).toEqual([page, page])
  })
})

describe('in production', () => {
  it('the plugin alone says where everything is', async () => {
    const site = await project()
    await build(site)
    const { get, vite } = await start(site, { mode: 'production' })
    expect(await get('/x')).toContain('<div id="app">first /x</div>')
    expect(await vite.import(entry)).toHaveProperty('render')
  })

  it.each(['/throw', '/fetch'])(
    'an error at %s shows no stack, in the app’s own error page or Express’s',
    async (path) => {
      const site = await project()
      await build(site)
      const { get } = await start(site, { mode: 'production' })
      const answer = await get(path)
      expect(answer).toContain('boom')
      expect(answer).not.toMatch(/entry-server|\.js:\d|node:internal|dist|\bat /)
    },
  )

  it('the same handler answers, however often an app asks for it', async () => {
    const site = await project()
    await build(site)
    const { vite } = await start(site, { mode: 'production' })
    expect(vite.page()).toBe(vite.page())
    expect(vite.ssr(entry)).toBe(vite.ssr(entry))
    expect(vite.ssr(entry, { outlet: '<title>' })).not.toBe(vite.ssr(entry))
    expect(vite.fetchable(entry)).toBe(vite.fetchable(entry))
  })

  it('reload() takes page and server module of the new build, both at once', async () => {
    const site = await project()
    await build(site)
    const { get, vite } = await start(site, { mode: 'production' })
    await site.write({
      'index.html': template.replace('fixture', 'second title'),
      [entry]: `export const render = () => 'second render'\nexport default () => new Response('')\n`,
    })
    await build(site)
    expect(await get('/x')).toMatch(/<title>fixture<[\s\S]*first/)
    await vite.reload()
    // The next build has begun already.
    await writeFile(join(site.root, 'dist/index.html'), 'half written')
    await rm(join(site.root, 'dist-ssr/.vite'), { recursive: true })
    expect(await get('/x')).toMatch(/<title>second title<[\s\S]*second render/)
    expect(await get('/page')).toContain('<title>second title<')
  })
})
