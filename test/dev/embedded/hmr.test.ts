import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { eventually } from '../../support/eventually.js'
import { viteAliases } from '../../support/vites.js'
import { ask, listen, shapeNames, starting } from '../support/app.js'
import { openHmr, type Running, type Setup, setUp } from '../support/embedded.js'

const repository = join(import.meta.dirname, '../../..')
const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
const running = (setup?: Setup) => setUp(undo, setup)

/** Loads a module as a page does, then edits it until the socket tells of it. */
async function updateArrives(app: Running): Promise<void> {
  const { ask, dev, root } = app
  await dev.start()
  const { messages, until, ws } = await openHmr(app)
  undo(() => ws.terminate())
  await until('connected')
  await ask(`${dev.base}src/main.ts`)
  await ask(`${dev.base}src/main.css`)
  let n = 0
  await until('update', () => root.write('src/main.css', `body { margin: ${n++}px }\n`))
  expect(messages.map(({ type }) => type)).toContain('update')
}

/** What answers a knock that is not taken: a status, or the first bytes. */
function knock(
  app: Running,
  path: string,
  protocol: string,
  headers = {},
): Promise<string | number> {
  const url = `${app.app.origin.replace('http', 'ws')}${path}`
  const ws = new WebSocket(url, protocol, { headers, rejectUnauthorized: false })
  undo(() => ws.terminate())
  return new Promise((resolve) => {
    ws.on('open', () => resolve('open'))
    ws.on('unexpected-response', (_req, res) => resolve(res.statusCode ?? 0))
    ws.on('error', (err) => resolve(err.message))
  })
}

describe('HMR on the app’s own server', () => {
  it.each(['vite', 'vite7', 'vite6', 'vite5'] as const)(
    'sends an update after an edit (%s)',
    async (vite) => {
      await updateArrives(await running({ vite }))
    },
  )

  it.each(shapeNames)(
    'works in every framework, below a base and a mount path (%s)',
    async (shape) => {
      const app = await running({ shape, mount: '/sub', base: '/sub/b/' })
      await app.ask('/sub/page')
      await updateArrives(app)
    },
  )

  it.each(['https', 'http2'] as const)('works where the app speaks %s', async (tls) => {
    await updateArrives(await running({ tls }))
  })

  it('opens no other port', async () => {
    const count = () => process.getActiveResourcesInfo().filter((r) => r === 'TCPServerWrap').length
    const before = count()
    const app = await running()
    await updateArrives(app)
    expect(count() - before).toBe(1)
  })

  it.each(['vite', 'vite7', 'vite6', 'vite5'] as const)(
    'accepts the client’s socket with hmr: false, but sends no updates (%s)',
    async (vite) => {
      const count = () => process.getActiveResourcesInfo().filter((r) => r === 'TCPServerWrap')
      const before = count().length
      const more = { 'vite.config.js': 'export default { server: { hmr: false } }' }
      const app = await running({ vite, more })
      const { messages, until, ws } = await openHmr(app)
      undo(() => ws.terminate())
      await until('connected')
      expect(count().length - before).toBe(1)
      expect((await app.ask('/@vite/client')).body).not.toContain('24678')

      const read = async () => (await app.ask('/src/main.css')).body
      await read()
      let n = 0
      await expect
        .poll(
          async () => {
            await app.root.write('src/main.css', `body { margin: ${n++}px }\n`)
            return read()
          },
          { timeout: 20_000, interval: 200 },
        )
        .toContain('margin')
      // Error pages are told of edits all the same.
      const types = messages.map(({ type }) => type).filter((type) => type !== 'custom')
      expect(types).toEqual(['connected'])
    },
  )

  it('goes on after a restart of Vite', async () => {
    const app = await running({ more: { 'vite.config.js': 'export default {}' } })
    await updateArrives(app)
    await app.root.write('vite.config.js', "export default { base: '/b/' }")
    await app.dev.vite?.restart()
    await app.ask('/page')
    await updateArrives(app)
    expect(await knock(app, '/', 'vite-ping')).toBe(404)
  })

  it('leaves Vite’s token and host checks in place', async () => {
    const app = await running()
    await app.ask('/page')
    expect(await knock(app, '/', 'vite-hmr', { origin: 'http://evil.example' })).toBe(400)
    expect(await knock(app, '/', 'vite-hmr', { host: 'evil.example' })).toBe(400)
    expect(await knock(app, '/', 'vite-ping')).toBe('open')
  })

  it('accepts only the exact path with Vite’s subprotocol', async () => {
    const app = await running({ base: '/b/' })
    await app.ask('/page')
    expect(await knock(app, '/b/?token=x', 'vite-ping')).toBe('open')
    for (const path of ['/', '/b', '/b/c', '/b//', '//b/', '/%62/']) {
      expect(await knock(app, path, 'vite-ping'), path).toBe(404)
    }
    expect(await knock(app, '/b/', 'vite-hmr2')).toBe(404)
  })

  it.each(viteAliases)(
    'opens the socket of the app that made the page, of two on one server (%s)',
    async (vite) => {
      const apps = [await running({ vite }), await running({ vite })] as const
      const hosts = Object.fromEntries(apps.map((app, index) => [`app${index}.localhost`, app]))
      // Virtual hosts: one server, and the host decides which app a request is for.
      const server = await listen((req, res) => {
        const app = hosts[String(req.headers.host).replace(/:.*/, '')] as Running
        starting(app.dev)(req, res, () => res.writeHead(404).end())
      })
      undo(server.close)
      for (const { dev } of apps) await dev.start()
      // Both have been asked, so both know the server.
      for (const host of Object.keys(hosts)) await ask(server, '/', { headers: { host } })
      for (const [host, app] of Object.entries(hosts)) {
        const client = await ask(server, '/@vite/client', { headers: { host } })
        const token = /wsToken = "([^"]+)"/.exec(client.body)?.[1]
        const ws = new WebSocket(`ws://127.0.0.1:${server.port}/?token=${token}`, 'vite-hmr', {
          headers: { host },
          origin: `http://${host}`,
        })
        undo(() => ws.terminate())
        const opened = new Promise((resolve, reject) =>
          ws.once('open', resolve).once('error', reject),
        )
        await opened
        expect(app.dev.vite?.ws.clients.size, host).toBe(1)
      }
    },
  )

  it('follows server.hmr.path', async () => {
    const elsewhere = await running({ config: { server: { hmr: { path: 'hmr' } } } })
    await elsewhere.ask('/page')
    expect(await knock(elsewhere, '/hmr', 'vite-ping')).toBe('open')
    expect(await knock(elsewhere, '/', 'vite-ping')).toBe(404)
  })

  it('leaves the app’s own WebSocket server alone', async () => {
    const app = await running()
    const chat = new WebSocketServer({ server: app.app.server, path: '/chat' })
    undo(() => chat.close())
    await app.ask('/page')
    expect(await knock(app, '/chat', 'vite-hmr')).toBe('open')
  })

  it('shows a broken module in the overlay, and reloads once it is fixed', async () => {
    const app = await running()
    await app.ask('/page')
    const { until, ws } = await openHmr(app)
    undo(() => ws.terminate())
    expect((await app.ask('/src/bad.ts')).status).toBe(500)
    const { err } = (await until('error')) as { err: { message: string } }
    expect(err.message).toBeTruthy()
    let n = 0
    await until('full-reload', () => app.root.write('src/bad.ts', `export const a = ${n++}\n`))
    expect((await app.ask('/src/bad.ts')).status).toBe(200)
  })

  it.each(viteAliases)(
    'tells a page why its module does not run, and a page whose modules run nothing (%s)',
    async (vite) => {
      const app = await running({
        vite,
        more: { 'src/over.ts': "import './main.css'\nimport './bad.ts'\n" },
      })
      const error = async (module: string) => {
        const query = `module=${encodeURIComponent(module)}`
        return app.ask(`/@connect-vite/error?${query}`)
      }
      expect((await error('/src/over.ts')).status).toBe(204) // not asked for yet
      await app.ask('/src/over.ts')
      const answer = await error('/src/over.ts')
      expect(answer.status).toBe(200)
      const { message } = JSON.parse(answer.body) as { message: string }
      expect(message).toBeTruthy()
      expect(message).not.toContain('\u001b')
      await app.ask('/src/main.ts')
      expect((await error('/src/main.ts')).status).toBe(204)

      await app.root.write('src/bad.ts', 'export const fixed = 1\n')
      await eventually(
        async () => (await error('/src/over.ts')).status,
        (status) => status === 204,
      )
    },
  )

  it.each(viteAliases)('adds to Vite’s client once (%s)', async (vite) => {
    const plugin = JSON.stringify(join(repository, 'src/plugin/index.ts'))
    const config = `import { backend } from ${plugin}\nexport default { plugins: [backend()] }`
    const app = await running({ vite, more: { 'vite.config.ts': config } })
    const client = (await app.ask('/@vite/client')).body
    expect(client.split("createHotContext('/@connect-vite/page-client')")).toHaveLength(2)
    const { stack } = app.dev.vite!.middlewares
    const names = stack.map(({ handle }) => (handle as { name?: string }).name)
    expect(names.filter((name) => name === 'connectViteError')).toHaveLength(1)
  })

  it('works for two apps in one process, each with its own Vite', async () => {
    const [one, two] = await Promise.all([running(), running({ base: '/two/' })])
    await Promise.all([updateArrives(one), updateArrives(two)])
  })
})

describe('close()', () => {
  it('ends the browser’s socket and stops listening for upgrades', async () => {
    const app = await running()
    await app.ask('/page')
    const { ws } = await openHmr(app)
    const ended = new Promise((resolve) => ws.once('close', resolve))
    await app.dev.close()
    await ended
    expect(app.app.server.listenerCount('upgrade')).toBe(0)
  })

  it.each(['vite', 'vite7', 'vite6', 'vite5'])(
    'leaves nothing that keeps the process alive (%s)',
    async (vite) => {
      const probe = fileURLToPath(new URL('../support/close-probe.ts', import.meta.url))
      const child = spawn(process.execPath, ['--import', 'tsx', probe, vite], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      undo(() => child.kill())
      const [code] = await new Promise<unknown[]>((resolve) =>
        child.on('close', (...all) => resolve(all)),
      )
      expect({ code, output }).toEqual({ code: 0, output: 'open sockets: 1\nleft over: \n' })
    },
  )
})
