import { once } from 'node:events'
import net from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { createUpgradeHub, serverOf } from '../../src/dev/upgrade.js'
import type { Handler } from '../../src/http.js'
import {
  ask,
  echo,
  listen,
  listenTls,
  type RunningApp,
  type Shape,
  shapeNames,
  shapes,
} from './support/app.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A hub that takes what asks for `path`, and answers it as a WebSocket. */
function hubFor(path: string) {
  const wss = new WebSocketServer({ noServer: true })
  const hub = createUpgradeHub({
    claims: (req) => req.url === path,
    take: (req, socket, head) =>
      wss.handleUpgrade(req, socket, head, (ws) => ws.send(`hub ${path}`)),
  })
  cleanups.push(() => {
    for (const ws of wss.clients) ws.terminate()
  })
  return hub
}

type Attach = Pick<ReturnType<typeof createUpgradeHub>, 'attach'>

function attaching(...hubs: Attach[]): Handler {
  return (req, _res, next) => {
    for (const hub of hubs) hub.attach(serverOf(req))
    next()
  }
}

async function running(app: Promise<RunningApp>): Promise<RunningApp> {
  const started = await app
  cleanups.push(started.close)
  await ask(started, '/first')
  return started
}

const appWith = (...hubs: Attach[]) =>
  running(listen(shapes['bare http'](attaching(...hubs), echo)))

/** The first message of a WebSocket, or the status of the answer that was none. */
function knock(app: RunningApp, path: string): Promise<string | number> {
  const ws = new WebSocket(`${app.origin.replace('http', 'ws')}${path}`, {
    rejectUnauthorized: false,
  })
  cleanups.push(() => ws.terminate())
  return new Promise((resolve, reject) => {
    ws.on('message', (text) => resolve(String(text)))
    ws.on('unexpected-response', (_req, res) => resolve(res.statusCode ?? 0))
    ws.on('error', reject)
  })
}

/** Sends bytes and reads until the other side ends. */
async function raw(app: RunningApp, text: string): Promise<string> {
  const socket = net.connect(app.port, '127.0.0.1')
  socket.write(text, 'latin1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  await once(socket, 'close')
  return received
}

describe('upgrades on the app’s own server', () => {
  it.each(shapeNames)('are taken from the first request on (%s)', async (shape: Shape) => {
    const app = await running(listen(shapes[shape](attaching(hubFor('/vite')), echo, '/sub')))
    await ask(app, '/sub/x')
    expect(await knock(app, '/vite')).toBe('hub /vite')
  })

  it.each(['https', 'http2'] as const)('are taken from a server that speaks %s', async (kind) => {
    const listener = shapes['bare http'](attaching(hubFor('/vite')), echo)
    const app = await running(listenTls(listener, kind))
    expect(await knock(app, '/vite')).toBe('hub /vite')
    expect(await knock(app, '/other')).toBe(404)
  })

  it('reach the app as an ordinary request while the server is not known', async () => {
    const app = await listen(shapes['bare http'](attaching(hubFor('/vite')), echo))
    cleanups.push(app.close)
    expect(await knock(app, '/vite')).toBe(404)
    expect(await knock(app, '/vite')).toBe('hub /vite')
  })

  it('are listened for once a server, however many requests there are', async () => {
    const app = await appWith(hubFor('/vite'))
    await ask(app, '/second')
    expect(app.server.listenerCount('upgrade')).toBe(1)
  })

  it('go to the hub that claims them when there are several', async () => {
    const app = await appWith(hubFor('/a'), hubFor('/b'))
    expect(await knock(app, '/a')).toBe('hub /a')
    expect(await knock(app, '/b')).toBe('hub /b')
    expect(await knock(app, '/c')).toBe(404)
  })

  it('of the app’s own WebSocket server are left alone', async () => {
    const app = await appWith(hubFor('/vite'))
    const own = new WebSocketServer({ noServer: true })
    app.server.on('upgrade', (req, socket, head) => {
      if (req.url !== '/chat') return
      // Later than any synchronous decision, as an authenticating app would be.
      setImmediate(() => own.handleUpgrade(req, socket, head, (ws) => ws.send('chat')))
    })
    expect(await knock(app, '/chat')).toBe('chat')
    expect(await knock(app, '/vite')).toBe('hub /vite')
  })

  it('that no listener takes are ordinary requests, with body and headers, and the next request works', async () => {
    const seen = new Map<string, string>()
    const app = await running(
      listen(
        shapes['bare http'](attaching(hubFor('/vite')), async (req, res) => {
          let body = ''
          for await (const chunk of req) body += chunk
          seen.set(`${req.method} ${req.url}`, `${JSON.stringify(req.rawHeaders)} ${body}`)
          res.end('ok')
        }),
      ),
    )
    seen.clear()
    const answer = await raw(
      app,
      'POST /api?q=%20 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
        'HTTP2-Settings: AAMA\r\nX-Name: caf\xe9\r\nContent-Length: 5\r\n\r\nhello' +
        'GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(Object.fromEntries(seen)).toEqual({
      'POST /api?q=%20':
        '["Host","x","Connection","keep-alive, HTTP2-Settings","HTTP2-Settings","AAMA","X-Name","caf\xe9","Content-Length","5"] hello',
      'GET /next': '["Host","x","Connection","close"] ',
    })
  })

  it('survive a socket that fails as soon as it was taken', async () => {
    const failure = new Error('reset by the other side')
    const hub = createUpgradeHub({
      claims: () => true,
      take: (_req, socket) => void socket.destroy(failure),
    })
    const app = await appWith(hub)
    await expect(knock(app, '/')).rejects.toThrow('socket hang up')
    expect((await ask(app, '/still-here')).status).toBe(404)
  })

  it('are no longer listened for after close(), nor after the server’s end', async () => {
    const hub = hubFor('/vite')
    const app = await appWith(hub)
    await app.close()
    expect(app.server.listenerCount('upgrade')).toBe(0)

    const other = await appWith(hub)
    expect(await knock(other, '/vite')).toBe('hub /vite')
    hub.close()
    expect(other.server.listenerCount('upgrade')).toBe(0)
    expect(other.server.listenerCount('close')).toBe(0)
    expect(await knock(other, '/vite')).toBe(404)
    expect(other.server.listenerCount('upgrade')).toBe(0)
  })
})
