// The large app: behind Express with this package, and by Vite itself.
import { createServer, type Server } from 'node:http'
import express from 'express'
import { load } from '../package.js'
import type { Project } from './development.js'

export { vite } from './development.js'

/** A page that prints the tags of the one entry. */
export async function express5({ dist, root }: Project): Promise<Server> {
  const { connectVite } = await load(dist)
  const app = express()
  app.use(connectVite({ mode: 'development', root }))
  app.get('/', (_req, res) => {
    const tags = res.locals.viteTags('src/main.jsx')
    res.send(
      `<!doctype html><html><head><link rel="icon" href="data:,">${tags}</head><body><div id="app"></div></body></html>`,
    )
  })
  return createServer(app)
}
