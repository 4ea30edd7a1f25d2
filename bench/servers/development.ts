// Development: this package with a Vite inside or external, and Vite by itself.
import { createServer, type RequestListener, type Server } from 'node:http'
import expressApp from 'express'
import { createServer as createVite, type ViteDevServer } from 'vite'
import { load } from '../package.js'
import { bareListener, page } from './app.js'

export interface Project {
  readonly dist: string
  readonly root: string
  /** Of the external Vite. */
  readonly devServer?: string
}

async function create({ dist, root, devServer }: Project) {
  const { connectVite } = await load(dist)
  const vite = connectVite({ mode: 'development', root, ...(devServer && { devServer }) })
  await vite.ready()
  return vite
}

export async function bare(project: Project): Promise<Server> {
  return createServer(bareListener(await create(project)))
}

/** The same, told apart by its name where both are compared. */
export const external = bare

export async function express5(project: Project): Promise<Server> {
  const app = expressApp()
  app.use(await create(project))
  app.use(page)
  return createServer(app)
}

/** Vite's own middleware stack, as its guide for backends has it. */
export async function viteMiddlewares({ root }: Project): Promise<Server> {
  const vite = await createVite({
    root,
    appType: 'custom',
    server: { middlewareMode: true, cors: false, hmr: { server: createServer() } },
  })
  return createServer(vite.middlewares as RequestListener)
}

/** A Vite that runs on its own. */
export async function vite({ root }: Project): Promise<ViteDevServer['httpServer']> {
  const server = await createVite({
    root,
    server: { host: '127.0.0.1', port: 0, strictPort: false },
  })
  await server.listen()
  return server.httpServer
}
