// A process that uses the middleware in one mode, closes it, counts what is left over, and should then end by itself.
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket from 'ws'
import { type ConnectViteOptions, connectVite } from '../../../src/index.js'

export interface Probe {
  options: ConnectViteOptions
  /** What is asked for before the end. */
  paths?: string[]
  /** Pages that are open, with Vite's socket. */
  sockets?: number
}

const { options, paths = [], sockets = 0 } = JSON.parse(process.argv[2] ?? '{}') as Probe
const before = resources()
const vite = connectVite({ ...options, logger: { info() {}, warn() {}, error() {} } })
const server = createServer((req, res) => vite(req, res, () => res.writeHead(404).end()))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

await vite.ready()
for (const path of paths) {
  const status = await statusOf(path)
  if (status !== 200) throw new Error(`${path}: ${status}`)
}
for (let i = 0; i < sockets; i++) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'vite-hmr')
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
}

await vite.close()
await vite.close()
// The middleware's part is done: what the app itself has opened is left.
await new Promise((resolve) => {
  server.close(resolve)
  server.closeIdleConnections()
})
await patiently(() => leftOver().length === 0)
console.log(JSON.stringify(leftOver()))

/** Not by `fetch`, which keeps its connections. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = get({ port, host: '127.0.0.1', path, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode))
    })
    asked.once('error', reject)
  })
}

function resources(): string[] {
  // Standard output, and the patience below.
  return process.getActiveResourcesInfo().filter((name) => !/^(?:TTY|Pipe|Timeout)/.test(name))
}

function leftOver(): string[] {
  const known = [...before]
  return resources().filter((name) => {
    const at = known.indexOf(name)
    if (at !== -1) known.splice(at, 1)
    return at === -1
  })
}

/** A closed socket needs a turn or two until it is gone. */
async function patiently(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !isDone(); turn++)
    await new Promise((resolve) => setTimeout(resolve, 25))
}
