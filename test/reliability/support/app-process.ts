// An app in a process of its own, so that its weight, its descriptors and its end are seen from outside.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Request, Response } from '../../../src/http.js'
import type { ConnectViteError, ConnectViteOptions } from '../../../src/index.js'

const empty = process.memoryUsage.rss()
const { connectVite } = await import('../../../src/index.js')
// Only now, since that user need not be allowed to read this very file.
if (process.env.APP_USER) process.setuid?.(Number(process.env.APP_USER))

const options: ConnectViteOptions = JSON.parse(process.argv[2]!)
const vite = connectVite(options)

const routes: Record<string, () => string> = {
  '/': () => vite.tags('src/main.ts'),
  '/memory': () =>
    JSON.stringify({ added: process.memoryUsage.rss() - empty, cached: vite.info().bytesCached }),
  '/collect-garbage': () => {
    global.gc?.()
    return 'collected'
  },
  '/start-another': () => {
    try {
      connectVite(options).close()
      return 'started'
    } catch (error) {
      return (error as ConnectViteError).code
    }
  },
  '/reload': () => {
    vite.reload().catch(() => {})
    return 'reloaded'
  },
}

const server = createServer((req, res) =>
  vite(req as Request, res as Response, (error) => {
    const route = routes[req.url ?? '']
    const { status = 500, code = 'no code', message = '' } = (error ?? {}) as ConnectViteError
    res.statusCode = error ? status : route ? 200 : 404
    res.end(error ? `${code} ${message}` : (route?.() ?? 'app 404'))
  }),
)
if (process.env.APP_KEEPS_CONNECTIONS) server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
// As the README has it.
process.once('SIGTERM', () => {
  server.close()
  vite.close()
})
