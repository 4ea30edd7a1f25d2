// sirv in production mode, with everything that it can do for hashed files.
import { createServer } from 'node:http'
import connectApp from 'connect'
import createSirv from 'sirv'
import type { Site } from '../fixtures/site.js'
import { bareListener, page } from './app.js'

const create = ({ outDir }: Site) =>
  createSirv(outDir, { etag: true, maxAge: 31_536_000, immutable: true, brotli: true, gzip: true })

export const bare = (site: Site) => createServer(bareListener(create(site)))

export function connect(site: Site) {
  const app = connectApp()
  app.use(create(site))
  app.use(page)
  return createServer(app)
}
