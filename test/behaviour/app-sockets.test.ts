// An app with WebSockets of its own, on the port that Vite's hot updates use too: neither side is in the other's way.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { connectVite } from '../../src/index.js'
import { runVite } from '../dev/support/vite.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)

let project: Project
beforeEach(async () => {
  project = await createProject()
  undo(project.remove)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Answers each connection with one word, and closes nothing that is not its own. */
function chat(): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', (socket) => socket.send('chat'))
  undo(() => sockets.close())
  return sockets
}

const isChat = (req: IncomingMessage) => req.url?.startsWith('/chat') === true

/** How apps listen for sockets of their own, from the polite to the rude. */
const listeners: Record<string, (server: Server) => void> = {
  'leaves others alone': (server) => {
    const own = chat()
    server.on('upgrade', (req, socket, head) => {
      if (isChat(req)) own.handleUpgrade(req, socket, head, (ws) => own.emit('connection', ws))
    })
  },
  'destroys what is not its own': (server) => {
    const own = chat()
    server.on('upgrade', (req, socket, head) => {
      if (isChat(req)) own.handleUpgrade(req, socket, head, (ws) => own.emit('connection', ws))
      else socket.destroy()
    })
  },
  'is a ws server with a path': (server) => {
    const own = new WebSocketServer({ server, path: '/chat' })
    own.on('connection', (socket) => socket.send('chat'))
    undo(() => own.close())
  },
  'is a ws server that takes every socket': (server) => {
    const own = new WebSocketServer({ server })
    own.on('connection', (socket) => socket.send('chat'))
    undo(() => own.close())
  },
  // As engine.io does, which socket.io is made of, only sooner.
  'ends sockets that are unanswered after a while': (server) => {
    const own = chat()
    server.on(
      'upgrade',
      (req: IncomingMessage, socket: Duplex & { bytesWritten?: number }, head) => {
        if (isChat(req)) own.handleUpgrade(req, socket, head, (ws) => own.emit('connection', ws))
        else
          setTimeout(() => {
            if (socket.writable && (socket.bytesWritten ?? 0) <= 0) socket.end()
          }, 50).unref()
      },
    )
  },
}

const kinds = {
  embedded: async () => undefined,
  external: async () => {
    const vite = await runVite(project.root)
    undo(vite.close)
    return vite.url
  },
}

async function start(kind: keyof typeof kinds) {
  const url = await kinds[kind]()
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    devServer: url ?? { config: { logLevel: 'silent' } },
    logger: { info() {}, warn() {}, error() {} },
  })
  const app = await listen((req, res) => vite(req, res, () => res.writeHead(404).end('app 404')))
  undo(app.close)
  undo(() => vite.close())
  return { vite, app }
}

/** The messages of a socket as they come; rejects when it is refused. */
async function open(
  url: string,
  protocol: string[] = [],
): Promise<{ ws: WebSocket; said: string[] }> {
  const ws = new WebSocket(url.replace('http', 'ws'), protocol)
  undo(() => ws.terminate())
  const said: string[] = []
  ws.on('message', (data) => said.push(String(data)))
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
  return { ws, said }
}

async function hotUpdateArrives(url: string): Promise<void> {
  const { ws, said } = await open(`${url}/`, ['vite-hmr'])
  await fetch(`${url}/src/main.css`, { headers: { accept: 'text/css' } })
  let n = 0
  await expect
    .poll(
      async () => {
        await project.write({ 'src/main.css': `body { margin: ${n++}px }` })
        return said.join()
      },
      { timeout: 20_000, interval: 200 },
    )
    .toContain('"type":"update"')
  expect(ws.readyState).toBe(WebSocket.OPEN)
}

describe.each(['embedded', 'external'] as const)('%s', (kind) => {
  describe.each(Object.entries(listeners))('beside a listener that %s', (_, attach) => {
    it.each(['before', 'after'])(
      'that was set up %s the first request, hot updates and the app’s own sockets work',
      async (when) => {
        const { app } = await start(kind)
        if (when === 'before') attach(app.server)
        expect((await fetch(`${app.url}/src/main.ts`)).status).toBe(200)
        if (when === 'after') attach(app.server)
        await hotUpdateArrives(app.url)
        await expect.poll(async () => (await open(`${app.url}/chat`)).said.join()).toBe('chat')
      },
    )
  })

  it('close() leaves the server as it was before', async () => {
    const { app, vite } = await start(kind)
    await fetch(`${app.url}/src/main.ts`)
    listeners['is a ws server with a path']?.(app.server)
    await vite.close()
    expect(app.server.listenerCount('upgrade')).toBe(1)
    await expect(open(`${app.url}/`, ['vite-hmr'])).rejects.toThrow('400')
    expect((await open(`${app.url}/chat`)).ws.readyState).toBe(WebSocket.OPEN)
  })
})
