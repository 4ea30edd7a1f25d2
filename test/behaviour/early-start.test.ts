// Vite starts when the app begins to listen, and never where no app listens.
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { connectVite, type Handle } from '../../src/index.js'
import { eventually } from '../support/eventually.js'
import { byName } from '../support/frameworks.js'
import { listening } from '../support/listen.js'
import { createProject } from '../support/project.js'

const repository = join(import.meta.dirname, '../..')

async function create(): Promise<Handle> {
  const { root, remove } = await createProject()
  onTestFinished(remove)
  const logger = { info() {}, warn() {}, error() {} }
  const vite = connectVite({ mode: 'development', root, logger })
  onTestFinished(() => vite.close())
  return vite
}

/** Tags are known without a request only once Vite has started. */
const isReady = (vite: Handle) => {
  try {
    return vite.tags('src/main.ts').includes('/@vite/client')
  } catch {
    return false
  }
}

it.each(['Express 5', 'Express 4', 'Connect'] as const)(
  '%s: Vite starts when the app listens, before any request',
  async (name) => {
    const vite = await create()
    const app = byName[name].create([['/', vite]])
    await pause(100)
    expect(vite.server).toBeUndefined()
    await listening(app)
    await eventually(() => isReady(vite))
  },
)

it('starts for a router of the app, and for a listener of wrap()', async () => {
  const [inRouter, wrapped] = [await create(), await create()]
  const router = express.Router().use(inRouter)
  await listening(express().use('/sub', router))
  await listening(createServer(wrapped.wrap((_req, res) => res.end())))
  await eventually(() => isReady(inRouter) && isReady(wrapped))
})

it('does not start for another server of the process, nor for one that is closed at once', async () => {
  const [vite, mayStart] = [await create(), await create()]
  const other = await listening(express().use((_req, res) => res.end('other')))
  expect(await (await fetch(other.url)).text()).toBe('other')
  const closed = createServer(express().use(vite)).listen(0, '127.0.0.1', () => closed.close())
  await listening(express().use(mayStart))
  await eventually(() => isReady(mayStart))
  expect(vite.server).toBeUndefined()
})

it('keeps no process alive that only imports the app, or tries its port for a moment', async () => {
  const { root, remove } = await createProject()
  onTestFinished(remove)
  const script = `
    import express from 'express'
    import { connectVite } from ${JSON.stringify(join(repository, 'src/index.ts'))}
    const app = express().use(connectVite({ mode: 'development', root: ${JSON.stringify(root)} }))
    const server = app.listen(0, '127.0.0.1', () => server.close(() => console.log('closed')))
  `
  const run = promisify(execFile)
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    { cwd: repository, timeout: 30_000 },
  )
  expect(stdout).toBe('closed\n')
})

it('takes the HMR socket of a page that was open over a restart, beside a WebSocket server of the app', async () => {
  const vite = await create()
  const server = createServer(express().use(vite))
  const own = new WebSocketServer({ server })
  onTestFinished(() => own.close())
  const { url } = await listening(server)
  await eventually(() => isReady(vite))
  // Vite's client asks in this way whether the server is back.
  const ping = new WebSocket(url.replace('http', 'ws'), 'vite-ping')
  onTestFinished(() => ping.terminate())
  await new Promise((resolve, reject) => ping.once('open', resolve).once('error', reject))
  expect(own.clients.size).toBe(0)
})

it('ends what it has started with close()', async () => {
  const vite = await create()
  await listening(express().use(vite))
  await eventually(() => vite.server)
  await vite.close()
  await expect(vite.ready()).rejects.toMatchObject({ code: 'ERR_DEV_SERVER_UNREACHABLE' })
})
