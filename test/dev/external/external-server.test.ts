// An app in front of a real Vite that runs on its own.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { InlineConfig, Plugin } from 'vite'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createExternalServer } from '../../../src/dev/external/external-server.js'
import { HOT_FILE, type HotFile, readHotFile } from '../../../src/dev/hot-file.js'
import { backend } from '../../../src/plugin/index.js'
import {
  ask,
  certificate,
  echo,
  listenTls,
  type Shape,
  shapeNames,
  shapes,
  starting,
} from '../support/app.js'
import { type ExternalApp, externalApp } from '../support/external.js'
import { type TemporaryRoot, temporaryRoot } from '../support/root.js'
import { developmentSettings } from '../support/settings.js'
import { answers, handshake, rawClient, recordingUpstream } from '../support/upstream.js'
import { type RunningVite, runVite } from '../support/vite.js'

const FILES = {
  'index.html': '<!doctype html><html><head></head><body>the SPA</body></html>',
  'src/main.ts': "import './main.css'\nexport const n: number = 1\n",
  'src/main.css': 'body { color: red }\n',
  'src/broken.ts': 'export const = \n',
  'api/users.ts': 'export default "server only"\n',
  'public/robots.txt': 'User-agent: *\n',
}

/** The one thing by which React's plugin is known from outside. */
const react = (): Plugin => ({
  name: 'refresh',
  resolveId: (id) => (id === '/@react-refresh' ? id : null),
  load: (id) => (id === '/@react-refresh' ? 'export default {}' : null),
})

let root: TemporaryRoot
const closers: (() => Promise<void>)[] = []

beforeEach(async () => {
  root = await temporaryRoot(FILES)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await root.remove()
})

async function vite(config: InlineConfig = {}): Promise<RunningVite> {
  const running = await runVite(root.path, config)
  closers.push(running.close)
  return running
}

async function inFrontOf(
  url: URL,
  options: Parameters<typeof externalApp>[1] = {},
): Promise<ExternalApp> {
  const app = await externalApp(url, { root: root.path, ...options })
  closers.push(app.close)
  return app
}

function announce(hot: Partial<HotFile>): void {
  const file = join(root.path, HOT_FILE)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ version: 1, base: '/', head: '', pid: 1, ...hot }))
}

const headOf = (dev: ExternalApp['dev']) =>
  dev.head.map(({ attributes, text }) => attributes.src ?? text).join('\n')

const NAVIGATION = { Accept: 'text/html', 'Sec-Fetch-Dest': 'document' }

describe.each([
  ['/', undefined],
  ['/app/', '/app'],
])('with Vite’s base %s', (base, given) => {
  const start = async (shape: Shape = 'bare http') => {
    const { url } = await vite({ base })
    return inFrontOf(url, {
      settings: { base: given },
      wrap: (handler) => shapes[shape](handler, echo),
    })
  }

  it.each(shapeNames)('modules, styles and public files come from Vite under %s', async (shape) => {
    const app = await start(shape)
    expect((await ask(app, `${base}src/main.ts`)).body).toContain('const n = 1')
    expect(await ask(app, `${base}@vite/client`)).toMatchObject({ status: 200 })
    expect((await ask(app, `${base}robots.txt`)).body).toContain('User-agent')
    const css = await ask(app, `${base}src/main.css`, { headers: { Accept: 'text/css' } })
    expect(css.headers['content-type']).toContain('text/css')
    expect(css.body).toContain('color: red')
  })

  it('revalidation works', async () => {
    const app = await start()
    const { etag = '' } = (await ask(app, `${base}src/main.ts`)).headers
    const again = await ask(app, `${base}src/main.ts`, { headers: { 'If-None-Match': etag } })
    expect(again).toMatchObject({ status: 304, body: '' })
  })

  it('a broken module is a 500, not the app’s page', async () => {
    const app = await start()
    expect((await ask(app, `${base}src/broken.ts`)).status).toBe(500)
  })

  test.each([
    ['a page', '', NAVIGATION],
    ['the start page, asked for by a script', '', { Accept: '*/*' }],
    ['a page below', 'deep/page', NAVIGATION],
    ['a module that does not exist', 'src/nope.ts', { Accept: '*/*' }],
    ['a route that looks like a server file', 'api/users', { Accept: '*/*' }],
    ['an image that does not exist', 'nope.png', { Accept: 'image/*' }],
  ])('the SPA fallback never answers for the app: %s', async (_, path, headers) => {
    const app = await start()
    const answer = await ask(app, base + path, { headers })
    expect(answer).toMatchObject({ status: 404, body: 'app: GET' })
    expect(answer.headers).toMatchObject({ 'x-app-url': base + path })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('the app answers OPTIONS and POST itself', async () => {
    const app = await start()
    for (const method of ['OPTIONS', 'POST'])
      expect((await ask(app, `${base}src/main.ts`, { method })).body).toBe(`app: ${method}`)
  })

  it('hot updates arrive on the app’s own port', async () => {
    const app = await start()
    const client = (await ask(app, `${base}@vite/client`)).body
    await ask(app, `${base}src/main.ts`)
    await ask(app, `${base}src/main.css`)
    const token = /wsToken = "([^"]+)"/.exec(client)?.[1]
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}${base}?token=${token}`, 'vite-hmr', {
      origin: app.origin,
    })
    const messages: { type: string }[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    await vi.waitFor(() => expect(messages).toContainEqual({ type: 'connected' }), 20_000)
    await vi.waitFor(
      async () => {
        await root.write('src/main.css', `body { color: blue } /* ${Date.now()} */`)
        expect(messages.map(({ type }) => type)).toContain('update')
      },
      { timeout: 20_000, interval: 500 },
    )
    socket.terminate()
  })
})

describe('Vite’s own protection', () => {
  const start = async () => inFrontOf((await vite()).url)

  test.each(['/src/main.ts', '/@vite/client', '/@fs/etc/passwd', '/robots.txt'])(
    'DNS rebinding: %s is refused under an unknown Host',
    async (path) => {
      const answer = await ask(await start(), path, { headers: { Host: 'rebind.evil.test' } })
      expect(answer.status).toBe(403)
      expect(answer.body).not.toMatch(/root:|User-agent|const n/)
    },
  )

  test.each([
    ['a foreign origin and no token', handshake('/', { origin: 'http://evil.test' })],
    ['a foreign origin and a wrong token', handshake('/?token=x', { origin: 'http://evil.test' })],
    ['a rebound host', handshake('/?token=x', { host: 'evil.test' })],
    [
      'an origin that Connection tries to take away',
      [
        ...handshake('/', { origin: 'http://evil.test' }).slice(0, -2),
        'Connection: origin',
        '',
        '',
      ],
    ],
  ])('socket hijack: %s is refused', async (_, lines) => {
    const app = await start()
    await ask(app, '/@vite/client')
    expect(await rawClient(app.port, ...lines).ended).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.each(['/@fs/etc/passwd?raw', '/.env?raw', '/@fs/etc/passwd?import&raw??'])(
    '%s is denied',
    async (path) => {
      await root.write('.env', 'SECRET=1')
      const { body } = await ask(await start(), path)
      expect(body).not.toMatch(/root:|SECRET=1/)
    },
  )
})

describe('a Vite that serves HTTPS', () => {
  const start = async () => inFrontOf((await vite({ server: { https: certificate() } })).url)

  it('answers modules and hot updates on an app that serves HTTP', async () => {
    const app = await start()
    const headers = { Host: 'localhost:3000' }
    expect((await ask(app, '/src/main.ts', { headers })).body).toContain('const n = 1')
    const client = rawClient(app.port, ...handshake('/', { origin: '' }))
    await client.until(/101[\s\S]*"type":"connected"/)
    client.socket.destroy()
  })

  it('makes no host check, so the middleware makes it', async () => {
    const app = await start()
    const headers = { Host: 'rebind.evil.test' }
    expect((await ask(app, '/src/main.ts', { headers })).status).toBe(403)
    const lines = handshake('/', { host: 'rebind.evil.test', origin: '' })
    expect(await rawClient(app.port, ...lines).ended).toMatch(/^HTTP\/1\.1 403 /)
  })
})

it.each(['https', 'http2'] as const)(
  'an app that speaks %s has modules and hot updates of a Vite that speaks HTTP',
  async (kind) => {
    const { url } = await vite()
    const dev = createExternalServer(developmentSettings(root.path), url)
    const app = await listenTls(starting(dev) as never, kind)
    closers.push(app.close, dev.close)
    const client = (await ask(app, '/@vite/client')).body
    const token = /wsToken = "([^"]+)"/.exec(client)?.[1]
    const socket = new WebSocket(`wss://127.0.0.1:${app.port}/?token=${token}`, 'vite-hmr', {
      origin: app.origin,
      rejectUnauthorized: false,
    })
    const [message] = await once(socket, 'message')
    expect(String(message)).toBe('{"type":"connected"}')
    socket.terminate()
  },
)

describe('what a page gets', () => {
  it('the client', async () => {
    const app = await inFrontOf((await vite()).url)
    await app.dev.start()
    expect(headOf(app.dev)).toBe('/@vite/client')
    expect(app.dev.base).toBe('/')
  })

  it('what is known, also for pages that are asked for at the same time', async () => {
    const { url } = await vite({ plugins: [react()] })
    const heads: string[] = []
    const app = await inFrontOf(url, {
      fallback: (_, res) => {
        heads.push(headOf(app.dev))
        res.end()
      },
    })
    await Promise.all(Array.from({ length: 5 }, () => ask(app, '/page')))
    expect(heads.filter((head) => head.includes('@react-refresh'))).toHaveLength(5)
  })

  it('React’s preamble first, where the dev server has it', async () => {
    const app = await inFrontOf((await vite({ base: '/app/', plugins: [react()] })).url, {
      settings: { base: '/app/' },
    })
    await app.dev.start()
    expect(headOf(app.dev)).toMatch(
      /^\s*import RefreshRuntime from "\/app\/@react-refresh"[\s\S]*\n\/app\/@vite\/client$/,
    )
    expect(app.dev.head.map(({ nonce }) => nonce)).toEqual([true, true])
  })

  it('the path of the URL is the base', async () => {
    const { url } = await vite({ base: '/app/' })
    const app = await inFrontOf(new URL('/app', url))
    await app.dev.start()
    expect(app.dev.base).toBe('/app/')
    expect((await ask(app, '/app/src/main.ts')).status).toBe(200)
  })

  test.each([
    ['https://cdn.test/x/', '/x/'],
    ['./', '/'],
    ['x', '/x/'],
  ])('a base %s is what Vite makes of it in development: %s', (base, expected) => {
    const dev = createExternalServer(
      developmentSettings('/nowhere', {}, { base }),
      new URL('http://localhost:1'),
    )
    expect(dev.base).toBe(expected)
  })

  it('with proxy: false everything is at the dev server’s own origin, and nothing is forwarded', async () => {
    const { url } = await vite({ base: '/app/', plugins: [react()] })
    const app = await inFrontOf(url, { settings: { base: '/app/' }, devServer: { proxy: false } })
    await app.dev.start()
    expect(app.dev.base).toBe(`${url.origin}/app/`)
    expect(headOf(app.dev)).toContain(`${url.origin}/app/@vite/client`)
    expect(headOf(app.dev)).toContain(`from "${url.origin}/app/@react-refresh"`)
    expect((await ask(app, '/app/src/main.ts')).body).toBe('app: GET')
    expect(app.server.listenerCount('upgrade')).toBe(0)
  })

  it('an HTML page, when it asks the dev server for one', async () => {
    const app = await inFrontOf((await vite({ base: '/app/' })).url, {
      settings: { base: '/app/' },
    })
    const html = await app.dev.fetchHtml('index.html')
    expect(html).toContain('the SPA')
    expect(html).toContain('/app/@vite/client')
  })

  it('a coded error instead of a page that is not there, or of a server that is not', async () => {
    const running = await vite({ appType: 'custom' })
    const app = await inFrontOf(running.url)
    await expect(app.dev.fetchHtml('nope.html')).rejects.toMatchObject({
      code: 'ERR_ENTRY_NOT_FOUND',
    })
    await running.close()
    await expect(app.dev.fetchHtml('index.html')).rejects.toMatchObject({
      code: 'ERR_DEV_SERVER_UNREACHABLE',
    })
  })
})

describe('a Vite that is found by its hot file', () => {
  const head = '<script>preamble()</script><script type="module" src="/app/@vite/client"></script>'

  it('is believed when it answers', async () => {
    const { url } = await vite({ base: '/app/' })
    announce({ url: `http://localhost:${url.port}`, base: '/app/', head })
    const app = await inFrontOf(new URL(`http://localhost:${url.port}`))
    await app.dev.start()
    expect(app.dev.base).toBe('/app/')
    expect(headOf(app.dev)).toBe('preamble()\n/app/@vite/client')
  })

  it('is not believed when another program has taken its port', async () => {
    const upstream = await recordingUpstream(answers('<html>', 'text/html'))
    closers.push(upstream.close)
    announce({ url: upstream.url.origin, base: '/app/', head })
    const app = await inFrontOf(upstream.url)
    await app.dev.start()
    expect(app.dev.base).toBe('/')
  })

  it('is not believed about another port', async () => {
    const { url } = await vite()
    const other = await vite({ base: '/app/' })
    announce({ url: other.url.origin, base: '/app/', head })
    const app = await inFrontOf(url)
    await app.dev.start()
    expect(app.dev.base).toBe('/')
  })

  it('is taken at its word when that is how it was found', async () => {
    const { url } = await vite({ base: '/app/' })
    announce({ url: url.origin, base: '/app/', head })
    const dev = createExternalServer(developmentSettings(root.path), url, readHotFile(root.path))
    expect(dev.base).toBe('/app/')
    expect(headOf(dev as ExternalApp['dev'])).toContain('preamble()')
    await dev.close()
  })
})

describe('a dev server that comes and goes', () => {
  it('prints tags while it is down, and learns React when it is up', async () => {
    const upstream = await recordingUpstream(answers(''))
    const { port, url } = upstream
    await upstream.close()
    const app = await inFrontOf(url)
    await app.dev.start()
    expect(app.dev.started).toBe(true)
    expect(headOf(app.dev)).toBe('/@vite/client')
    expect((await ask(app, '/src/main.ts')).status).toBe(502)

    await vite({ server: { port }, plugins: [react()] })
    await vi.waitFor(
      async () => {
        await ask(app, '/about')
        expect(headOf(app.dev)).toContain('@react-refresh')
      },
      { timeout: 20_000, interval: 200 },
    )
    expect((await ask(app, '/src/main.ts')).status).toBe(200)
  })

  it('is asked again after a restart, of which an open page’s socket tells', async () => {
    const first = await vite()
    const app = await inFrontOf(first.url)
    await ask(app, '/about')
    const client = rawClient(app.port, ...handshake('/', { origin: '' }))
    await client.until(/101/)
    await first.close()
    await client.ended
    await vite({ server: { port: first.port }, plugins: [react()] })
    expect(headOf(app.dev)).not.toContain('@react-refresh')
    await ask(app, '/about')
    expect(headOf(app.dev)).toContain('@react-refresh')
  })

  it('is picked up when it restarts on the same port', async () => {
    const first = await vite()
    const app = await inFrontOf(first.url)
    expect((await ask(app, '/src/main.ts')).status).toBe(200)
    const client = rawClient(app.port, ...handshake('/', { protocol: 'vite-ping' }))
    await client.until(/101/)
    await first.close()
    await client.ended
    expect((await ask(app, '/src/main.ts')).status).toBe(502)

    await vite({ server: { port: first.port } })
    const answer = await ask(app, '/src/main.ts')
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toContain('const n = 1')
    expect(app.log).toHaveLength(2)
  })
})

describe('stylesheets', () => {
  const sheet = (base: string, file: string) => ({
    url: `${base}${file}`,
    id: join(root.path, file),
    css: readFileSync(join(root.path, file), 'utf8'),
  })

  async function withPlugin(options: Parameters<typeof inFrontOf>[1] = {}): Promise<ExternalApp> {
    const { url } = await vite({
      base: '/app/',
      plugins: [backend({ input: 'src/main.ts' })],
    })
    await vi.waitFor(() => expect(readHotFile(root.path)?.url).toContain(url.port))
    const app = await inFrontOf(url, options)
    await app.dev.start()
    return app
  }

  it('of the config’s inputs are known from the start, those of other entries from the second page on', async () => {
    await root.write('src/other.ts', "import './other.css'")
    await root.write('src/other.css', 'p {}')
    const app = await withPlugin()
    expect(app.dev.stylesheets('src/main.ts')).toEqual([sheet('/app/', 'src/main.css')])
    expect(app.dev.stylesheets('src/other.ts')).toEqual([])
    await vi.waitFor(
      () => expect(app.dev.stylesheets('src/other.ts')).toEqual([sheet('/app/', 'src/other.css')]),
      20_000,
    )
  })

  it('follow what is imported', async () => {
    const app = await withPlugin()
    await vi.waitFor(
      async () => {
        await root.write('src/main.ts', `export const n = ${Date.now()}`)
        expect(app.dev.stylesheets('src/main.ts')).toEqual([])
      },
      { timeout: 20_000, interval: 200 },
    )
  })

  it('are at the dev server’s own origin with proxy: false', async () => {
    const app = await withPlugin({ devServer: { proxy: false } })
    const base = new URL('/app/', app.dev.url).href
    expect(app.dev.stylesheets('src/main.ts')).toEqual([sheet(base, 'src/main.css')])
  })

  it('are unknown without the plugin', async () => {
    const app = await inFrontOf((await vite()).url)
    await app.dev.start()
    expect(app.dev.stylesheets('src/main.ts')).toEqual([])
  })

  test.each(['null', '[]', '{"src/main.ts":[1,{"url":1}]}', '{'])(
    'of another version of the plugin, which says %s, do no harm',
    async (body) => {
      const upstream = await recordingUpstream(({ headers, socket }) => {
        if (headers.includes('Accept: text/x-vite-ping'))
          answers('', 'x', '204 No')({ socket } as never)
        else answers(body, 'application/json')({ socket } as never)
      })
      closers.push(upstream.close)
      announce({ url: upstream.url.origin })
      const app = await inFrontOf(upstream.url)
      await app.dev.start()
      expect(app.dev.stylesheets('src/main.ts')).toEqual([])
      expect(upstream.requests.map(({ target }) => target)).toContain('/@connect-vite/stylesheets')
    },
  )
})

describe('close()', () => {
  it('leaves no connection and no listener, and hands everything on', async () => {
    const running = await vite()
    const connections = () =>
      new Promise((resolve) => running.server.httpServer?.getConnections((_, n) => resolve(n)))
    const app = await inFrontOf(running.url)
    await Promise.all(Array.from({ length: 10 }, () => ask(app, '/src/main.ts')))
    const client = rawClient(app.port, ...handshake('/', { protocol: 'vite-ping' }))
    await client.until(/101/)
    expect(await connections()).toBeGreaterThan(1)

    await Promise.all([app.dev.close(), app.dev.close()])
    await client.ended
    expect(app.server.listenerCount('upgrade')).toBe(0)
    await vi.waitFor(async () => expect(await connections()).toBe(0), 20_000)
    expect((await ask(app, '/src/main.ts')).body).toBe('app: GET')
  })

  it('lets the process end, kept connections or not', async () => {
    const running = await vite()
    const script = `
      import { get } from 'node:http'
      import { connectVite } from ${JSON.stringify(new URL('../../../src/index.ts', import.meta.url).href)}
      import { createServer } from 'node:http'
      const vite = connectVite({ mode: 'development', devServer: '${running.url.origin}' })
      const server = createServer((req, res) => vite(req, res, () => res.end())).listen(0, '127.0.0.1', () => {
        get({ port: server.address().port, host: '127.0.0.1', path: '/src/main.ts', agent: false }, (res) => {
          res.resume().on('end', () => vite.close().then(() => server.close()))
        })
      })`
    const run = promisify(execFile)
    await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      timeout: 20_000,
    })
  })
})
