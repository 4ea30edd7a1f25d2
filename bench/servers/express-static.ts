// express.static, as the READMEs of Express 5 and 4 use it.
import { createServer } from 'node:http'
import expressFive from 'express'
import expressFour from 'express4'
import type { Site } from '../fixtures/site.js'
import { page } from './app.js'

function create(express: typeof expressFive, { outDir }: Site) {
  const app = express()
  app.use(express.static(outDir, { immutable: true, maxAge: '1y' }))
  app.use(page)
  return createServer(app)
}

export const express5 = (site: Site) => create(expressFive, site)
export const express4 = (site: Site) => create(expressFour as unknown as typeof expressFive, site)
