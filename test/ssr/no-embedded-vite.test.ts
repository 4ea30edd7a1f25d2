// Pages and server modules without an embedded Vite: an external one, one that is down, and stub mode.
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { type RunningVite, runVite } from '../dev/support/vite.js'
import { createProject, type Project } from '../support/project.js'
import { type Running, serve, template } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  'index.html': template,
  [entry]: `export const render = () => 'rendered'\nexport default { fetch: () => new Response('fetched') }\n`,
}

let project: Project
let external: RunningVite
beforeAll(async () => {
  project = await createProject(files)
  // As `vite` has it: with HTML of its own.
  external = await runVite(project.root, { appType: 'spa' })
})
afterAll(async () => {
  await external?.close()
  await project?.remove()
})

interface Site extends Running {
  vite: Handle
  errors: { code?: string; status?: number; message: string }[]
}

async function start(options: ConnectViteOptions): Promise<Site> {
  const vite = connectVite({ root: project.root, ...options })
  const errors: Site['errors'] = []
  const app = express()
  app.use(vite)
  app.get('/ssr', vite.ssr(entry))
  app.use('/fetch', vite.fetchable(entry))
  app.use(vite.page())
  app.use((err: Site['errors'][number], _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(err)
    res.status(err.status ?? 500).send('app error page')
  })
  const http = await serve(app)
  return {
    ...http,
    vite,
    errors,
    async close() {
      await vite.close()
      await http.close()
    },
  }
}

const logger = { info() {}, warn() {}, error() {} }

describe.each<[string, () => ConnectViteOptions, code: string]>([
  ['an external Vite', () => ({ devServer: external.url }), 'ERR_SSR_NEEDS_EMBEDDED'],
  [
    'an external Vite without forwarding',
    () => ({ devServer: { url: external.url, proxy: false } }),
    'ERR_SSR_NEEDS_EMBEDDED',
  ],
  [
    'an external Vite that is down',
    () => ({ devServer: 'http://127.0.0.1:9' }),
    'ERR_SSR_NEEDS_EMBEDDED',
  ],
  ['stub mode', () => ({ mode: 'stub' }), 'ERR_UNSUPPORTED'],
])('with %s', (_, options, code) => {
  let site: Site
  beforeAll(async () => {
    site = await start({ mode: 'development', logger, ...options() })
  })
  afterAll(() => site?.close())

  it.each(['/ssr', '/fetch'])('the route %s fails, and says why', async (path) => {
    const response = await fetch(site.url + path)
    expect(await response.text()).toBe('app error page')
    expect(response.status).toBe(500)
    expect(site.errors.at(-1)).toMatchObject({ code, status: 500, expose: false })
  })

  it('import() rejects, and says why', async () => {
    await expect(site.vite.import(entry)).rejects.toMatchObject({ code })
  })
})

describe('page()', () => {
  it('gets its HTML from an external Vite', async () => {
    const site = await start({ mode: 'development', logger, devServer: external.url })
    const response = await fetch(`${site.url}/any/route`)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toContain('src="/@vite/client"')
    await site.close()
  })

  it('reports that an external Vite is down', async () => {
    const site = await start({ mode: 'development', logger, devServer: 'http://127.0.0.1:9' })
    expect((await fetch(`${site.url}/any/route`)).status).toBe(502)
    expect(site.errors.at(-1)).toMatchObject({ code: 'ERR_DEV_SERVER_UNREACHABLE' })
    await site.close()
  })

  it('has the source in stub mode, with the nonce', async () => {
    const site = await start({ mode: 'stub', nonce: 'abc' })
    const html = await (await fetch(`${site.url}/any/route`)).text()
    expect(html).toContain('<script nonce="abc" type="module" src="/src/main.ts"></script>')
    await site.close()
  })
})
