// Server rendering inside Express 5: by this package, and by hand as Vite's SSR guide does it.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import expressApp from 'express'
import { createServer as createVite, isRunnableDevEnvironment } from 'vite'
import { SERVER_OUT_DIR } from '../fixtures/rendered.js'
import { load } from '../package.js'

export interface RenderedSite {
  readonly dist: string
  readonly root: string
  readonly entry: string
}

interface ServerModule {
  render(url: string): string
}

const OUTLET = '<!--ssr-outlet-->'

export async function built({ dist, root, entry }: RenderedSite): Promise<Server> {
  const { connectVite } = await load(dist)
  const vite = connectVite({ mode: 'production', root, logger: SILENT })
  const app = expressApp()
  app.use(vite)
  app.get('/{*path}', vite.ssr(entry, { outDir: SERVER_OUT_DIR }))
  return createServer(app)
}

export async function builtByHand({ dist, root, entry }: RenderedSite): Promise<Server> {
  const { connectVite } = await load(dist)
  const vite = connectVite({ mode: 'production', root, logger: SILENT })
  const template = readFileSync(join(root, 'dist/index.html'), 'utf8')
  const file = pathToFileURL(join(root, SERVER_OUT_DIR, entry)).href
  const { render }: ServerModule = await import(file)
  const app = expressApp()
  app.use(vite)
  app.get('/{*path}', async (req, res) => {
    const html = await render(req.originalUrl)
    const page = template.replace(OUTLET, () => html)
    res.status(200).set({ 'Content-Type': 'text/html' }).end(page)
  })
  return createServer(app)
}

export async function developed({ dist, root, entry }: RenderedSite): Promise<Server> {
  const { connectVite } = await load(dist)
  const vite = connectVite({ mode: 'development', root })
  await vite.ready()
  const app = expressApp()
  app.use(vite)
  app.get('/{*path}', vite.ssr(entry))
  return createServer(app)
}

export async function developedByHand({ root, entry }: RenderedSite): Promise<Server> {
  const vite = await createVite({
    root,
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server: createServer() } },
  })
  const { ssr } = vite.environments
  if (!isRunnableDevEnvironment(ssr)) throw new Error('The environment is not runnable.')
  const app = expressApp()
  app.use(vite.middlewares)
  app.get('/{*path}', async (req, res) => {
    const url = req.originalUrl
    const file = await readFile(join(root, 'index.html'), 'utf8')
    const template = await vite.transformIndexHtml(url, file)
    const { render }: ServerModule = await ssr.runner.import(`/${entry}`)
    const html = await render(url)
    const page = template.replace(OUTLET, () => html)
    res.status(200).set({ 'Content-Type': 'text/html' }).end(page)
  })
  return createServer(app)
}

const SILENT = { info() {}, warn() {}, error() {} }
