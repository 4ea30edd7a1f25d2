// This package in production: on bare http, in Connect and Express, and in front of Express.
import { createServer } from 'node:http'
import connectApp from 'connect'
import expressApp from 'express'
import type { Handle } from '../../src/index.js'
import type { Site } from '../fixtures/site.js'
import { load } from '../package.js'
import { bareListener, page } from './app.js'

async function create({ dist, outDir, options }: Site): Promise<Handle> {
  const { connectVite } = await load(dist)
  return connectVite({ mode: 'production', outDir, ...options })
}

export async function bare(site: Site) {
  return createServer(bareListener(await create(site)))
}

export async function connect(site: Site) {
  const app = connectApp()
  app.use((await create(site)) as unknown as connectApp.NextHandleFunction)
  app.use(page)
  return createServer(app)
}

export async function express5(site: Site) {
  const app = expressApp()
  app.use(await create(site))
  app.use(page)
  return createServer(app)
}

export async function wrap(site: Site) {
  const vite = await create(site)
  const app = expressApp()
  app.use(vite)
  app.use(page)
  return createServer(vite.wrap(app))
}
