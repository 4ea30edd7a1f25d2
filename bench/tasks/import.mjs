// A measured process: imports the package in plain Node, and tells how long that took and what was loaded.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'

const { dist, list } = JSON.parse(process.argv[2])
const loaded = []
if (list) {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (url) => loaded.push(url)).unref()
  register('./import-hooks.mjs', {
    parentURL: import.meta.url,
    data: { port: port2 },
    transferList: [port2],
  })
}

const start = performance.now()
const before = process.cpuUsage()
const { connectVite } = await import(pathToFileURL(`${dist}/index.js`).href)
const elapsed = performance.now() - start
const { user, system } = process.cpuUsage(before)
connectVite({ mode: 'stub' })

process.on('disconnect', () => process.exit())
process.on('message', () =>
  process.send({ answer: { elapsed, cpu: (user + system) / 1000, loaded } }),
)
