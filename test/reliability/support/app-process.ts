// An app in a process of its own, so that its weight, its descriptors and its end are seen from outside.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Request, Response } from '../../../src/http.js'

const empty = process.memoryUsage.rss()
const { connectVite } = await import('../../../src/index.js')
const vite = connectVite(JSON.parse(process.argv[2]!))

const routes: Record<string, () => string> = {
  '/': () => vite.tags('src/main.ts'),
  '/memory': () =>
    JSON.stringify({ added: process.memoryUsage.rss() - empty, cached: vite.info().bytesCached }),
  '/collect-garbage': () => {
    global.gc?.()
    return 'collected'
  },
  '/reload': () => {
    vite.reload().catch(() => {})
    return 'reloaded'
  },
}

const server = createServer((req, res) =>
  vite(req as Request, res as Response, (error) => {
    const route = routes[req.url ?? '']
    res.statusCode = error ? 500 : route ? 200 : 404
    res.end(error ? String(error) : (route?.() ?? 'app 404'))
  }),
)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
// As the README has it.
process.once('SIGTERM', () => {
  server.close(() => vite.close())
  if (vite.info().mode === 'development') vite.close()
})
