// Two workers that share a port; each answer says which of them it is from.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import type { Request, Response } from '../../../src/http.js'

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()]
  const ports = await Promise.all(
    workers.map(
      (worker) =>
        new Promise<number>((resolve) => worker.on('listening', ({ port }) => resolve(port))),
    ),
  )
  process.send?.(ports[0])
  process.once('SIGTERM', () => cluster.disconnect())
} else {
  const { connectVite } = await import('../../../src/index.js')
  const vite = connectVite(JSON.parse(process.argv[2]!))
  const server = createServer((req, res) => {
    res.setHeader('x-worker', cluster.worker?.id ?? 0)
    vite(req as Request, res as Response, () => res.writeHead(404).end('app 404'))
  })
  server.listen(0, '127.0.0.1')
}
