// vite-express in production mode, on Express 5.
import { createServer } from 'node:http'
import { dirname } from 'node:path'
import expressApp from 'express'
import ViteExpress from 'vite-express'
import type { Site } from '../fixtures/site.js'
import { page } from './app.js'

export async function express5({ outDir }: Site) {
  const app = expressApp()
  const server = createServer(app)
  ViteExpress.config({
    mode: 'production',
    inlineViteConfig: { root: dirname(outDir), base: '/', build: { outDir } },
    // Left to itself it answers every URL with index.html.
    ignorePaths: /^\/(?:users|nothing)/,
    verbosity: ViteExpress.Verbosity.Silent,
  })
  await ViteExpress.bind(app, server)
  app.use(page)
  return server
}
