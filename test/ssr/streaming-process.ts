// An app whose pages never end, in a process of its own, so that what visitors leave behind can be weighed.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Handler, Request, Response } from '../../src/http.js'
import { connectVite } from '../../src/index.js'

const [root = '', entry = ''] = process.argv.slice(2)
const vite = connectVite({ root, mode: 'production', outDir: 'dist/client' })
const options = { outDir: 'dist/server' }
const render = vite.ssr(entry, options)
const fetchable = vite.fetchable(entry, options)

/** What the pages count of themselves: how many were begun, and how many were given up. */
const streams = { begun: 0, over: 0 }
Object.assign(globalThis, { __streams: streams })

function measure(): string {
  for (let round = 0; round < 5; round++) global.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return JSON.stringify({
    ...streams,
    bytes: heapUsed + external,
    resources: process.getActiveResourcesInfo(),
  })
}

const handlerOf = (path: string): Handler => (path.startsWith('/fetch') ? fetchable : render)

const server = createServer((req, res) => {
  if (req.url === '/measure') res.setHeader('Connection', 'close').end(measure())
  else handlerOf(req.url ?? '/')(req as Request, res as Response, (error) => res.end(String(error)))
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
