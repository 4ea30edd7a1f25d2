import { once } from 'node:events'
import { connect } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { createEmbeddedServer } from '../../../src/dev/embedded/embedded-server.js'
import { ask, listen, type RunningApp, shapeNames } from '../support/app.js'
import { reachedApp, type Setup, setUp } from '../support/embedded.js'
import { temporaryRoot } from '../support/root.js'
import { developmentSettings } from '../support/settings.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
const running = (setup?: Setup) => setUp(undo, setup)

describe.each(['vite', 'vite7', 'vite6', 'vite5'] as const)('an embedded Vite (%s)', (vite) => {
  it('answers modules, assets, public files and its client', async () => {
    const { ask } = await running({ vite })
    const main = await ask('/src/main.ts')
    expect(main.status).toBe(200)
    expect(main.headers['content-type']).toMatch('text/javascript')
    expect(main.body).toContain('/src/main.css')
    expect((await ask('/src/main.css', { headers: { accept: 'text/css' } })).body).toContain('red')
    expect((await ask('/robots.txt')).body).toBe('User-agent: *\n')
    expect((await ask('/.well-known/security')).body).toBe('Contact: us\n')
    expect((await ask('/src/my%20file.ts')).status).toBe(200)
    expect((await ask('/src/note.txt?raw')).status).toBe(200)
    expect((await ask('/@vite/client')).status).toBe(200)
  })

  it.each(['/', '/app/'])('leaves the routes of the app to the app (base %s)', async (base) => {
    const { ask } = await running({ vite, base })
    for (const path of ['/', `${base}index.html`, `${base}api/users`, `${base}nope.ts`, '/app']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await ask(path, { method, headers: { origin: 'http://localhost:1' } })
        expect(reachedApp(answer), `${method} ${path}`).toBe(true)
        expect(answer.headers['x-app-url']).toBe(path)
        expect(answer.headers['x-app-original']).toBe('none')
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
    }
    const strange = await ask('/page', { headers: { host: 'evil.example' } })
    expect(reachedApp(strange)).toBe(true)
    expect(reachedApp(await ask(`${base}src/main.ts`, { method: 'POST' }))).toBe(true)
  })

  it('leaves cross-origin reading of modules to the app', async () => {
    const { ask } = await running({ vite })
    const answer = await ask('/src/main.ts', { headers: { origin: 'http://localhost:1' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('keeps its host check for its own URLs', async () => {
    const { ask } = await running({ vite, allowedHosts: ['.good.example'] })
    expect((await ask('/src/main.ts', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect((await ask('/src/main.ts', { headers: { host: 'a.good.example' } })).status).toBe(200)
  })

  it('answers a broken module with 500 and the error as text', async () => {
    const { ask } = await running({ vite })
    const broken = await ask('/src/bad.ts')
    expect(broken.status).toBe(500)
    expect(broken.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(broken.headers['cache-control']).toBe('no-store')
    expect(broken.body).toMatch(/src\/bad\.ts:1:\d+/)
    expect(broken.body).not.toContain('\u001b')
    expect((await ask('/src/missing.ts')).body).toContain('./not-there.ts')
  })

  it('knows the tags of a page, plugins’ preambles included', async () => {
    const plugin = `{ name: 'p', transformIndexHtml: () => [{ tag: 'script', attrs: { type: 'module' }, children: 'a && b', injectTo: 'head-prepend' }] }`
    const { dev, ask } = await running({
      vite,
      more: { 'vite.config.js': `export default { base: '/b/', plugins: [${plugin}] }` },
    })
    await ask('/')
    expect(dev.head.map(({ attributes: { src }, text }) => src ?? text?.trim())).toEqual(
      expect.arrayContaining(['a && b', '/b/@vite/client']),
    )
    expect(dev.base).toBe('/b/')
  })

  it('goes on after a restart, with the new config', async () => {
    const config = { 'vite.config.js': 'export default {}' }
    const { ask, dev, root } = await running({ vite, more: config })
    expect((await ask('/src/main.ts')).status).toBe(200)
    await root.write('vite.config.js', "export default { base: '/new/' }")
    await dev.vite?.restart()
    expect(dev.started).toBe(false)
    expect((await ask('/new/src/main.ts')).status).toBe(200)
    expect(dev.base).toBe('/new/')
    expect(dev.head[0]?.attributes.src).toBe('/new/@vite/client')
    expect(reachedApp(await ask('/src/main.ts'))).toBe(true)
    expect((await ask('/new/src/bad.ts')).status).toBe(500)
  })

  it('names the line where vite.config is broken, and starts once it is fixed', async () => {
    const { ask, root } = await running({
      vite,
      more: { 'vite.config.ts': 'export default {\n  base: [,\n}' },
    })
    const broken = await ask('/page')
    expect(broken.status).toBe(500)
    expect(broken.body).toMatch(/Vite did not start:[\s\S]*vite\.config\.ts:3:\d+/)
    expect(broken.body).not.toContain('\u001b')

    await root.write('vite.config.ts', "export default {}\n\n\nthrow new Error('on purpose')\n")
    const { prepareStackTrace } = Error
    // The test runner has one of its own, which leaves Node's source maps unused.
    Reflect.set(Error, 'prepareStackTrace', undefined)
    const thrown = (await ask('/page')).body
    Error.prepareStackTrace = prepareStackTrace
    expect(thrown).toContain('on purpose')
    expect(thrown).toContain(`${root.path}/vite.config.ts:4:7`)

    await root.write('vite.config.ts', 'export default {}')
    expect(reachedApp(await ask('/page'))).toBe(true)
    expect((await ask('/src/main.ts')).status).toBe(200)
  })
})

describe('an embedded Vite', () => {
  it.each(shapeNames)(
    'judges by the original URL when mounted at a sub path (%s)',
    async (shape) => {
      const { ask } = await running({ shape, mount: '/sub', base: '/sub/assets/' })
      expect((await ask('/sub/assets/src/main.ts')).status).toBe(200)
      const missed = await ask('/sub/assets/nope.ts')
      expect(reachedApp(missed)).toBe(true)
      expect(missed.headers['x-app-url']).toBe('/sub/assets/nope.ts')
      expect(reachedApp(await ask('/sub/src/main.ts'))).toBe(true)
    },
  )

  it.each(shapeNames)('works at the root of every framework (%s)', async (shape) => {
    const { ask } = await running({ shape })
    expect((await ask('/src/main.ts')).status).toBe(200)
    expect((await ask('/src/bad.ts')).status).toBe(500)
    expect(reachedApp(await ask('/api/users'))).toBe(true)
  })

  it('answers HEAD for a broken module without a body', async () => {
    const { ask } = await running()
    expect(await ask('/src/bad.ts', { method: 'HEAD' })).toMatchObject({ status: 500, body: '' })
  })

  it('takes back the headers that Vite set on a request it did not answer', async () => {
    const config = { server: { cors: { origin: 'http://a.example' } } }
    const { dev } = await running({ config })
    await dev.start()
    const app = await listen((req, res) => {
      res.setHeader('Vary', 'Cookie')
      res.setHeader('X-Kept', ['1', '2'])
      dev.handle(req, res, () => res.end('app'))
    })
    undo(app.close)
    const answer = await ask(app, '/nope.ts?raw', { headers: { origin: 'http://a.example' } })
    expect(answer.headers).toMatchObject({ vary: 'Cookie', 'x-kept': '1, 2' })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect(answer.body).toBe('app')
  })

  it('gives Vite the paths that the app names, by any method', async () => {
    const endpoint = `{ name: 'p', configureServer(s) { s.middlewares.use('/__inspect', (req, res) => res.end(req.method + req.url)) } }`
    const { ask } = await running({
      paths: ['/__inspect/', /^\/__ins\w+\?/g],
      more: { 'vite.config.js': `export default { plugins: [${endpoint}] }` },
    })
    const headers = { 'sec-fetch-dest': 'document' }
    expect((await ask('/__inspect/a', { method: 'POST', headers })).body).toBe('POST/a')
    for (let i = 0; i < 2; i++) expect((await ask('/__inspect?x')).body).toBe('GET/?x')
    // Not named: the app comes first, and other methods are the app's alone.
    expect(reachedApp(await ask('/__inspect', { method: 'POST' }))).toBe(true)
    expect((await ask('/__inspect')).body).toBe('GET/')
  })

  it('starts once, however many ask at the same time', async () => {
    const count = 'globalThis.__starts = (globalThis.__starts ?? 0) + 1\nexport default {}'
    const { ask } = await running({ more: { 'vite.config.js': count } })
    await Promise.all(['/a', '/b', '/src/main.ts'].map((path) => ask(path)))
    expect((globalThis as { __starts?: number }).__starts).toBe(1)
  })

  it('lays devServer.config over vite.config', async () => {
    const { ask, dev } = await running({
      config: { base: '/over/' },
      more: { 'vite.config.js': "export default { base: '/file/', define: { __A__: '1' } }" },
    })
    expect((await ask('/over/src/main.ts')).status).toBe(200)
    expect(dev.vite?.config).toMatchObject({ base: '/over/', define: { __A__: '1' } })
    expect(dev.vite?.config).toMatchObject({ appType: 'custom', clearScreen: false })
  })

  it.each([
    ['vite.config', "export default { server: { https: {}, allowedHosts: ['good.example'] } }"],
    [
      'a plugin that makes a certificate',
      `export default {
        server: { allowedHosts: ['good.example'] },
        plugins: [{ name: 'ssl', configResolved: async (config) => { config.server.https = {} } }],
      }`,
    ],
  ])('checks hosts where %s sets server.https', async (_, config) => {
    const { ask } = await running({ more: { 'vite.config.js': config } })
    const under = async (host: string) => (await ask('/src/main.ts', { headers: { host } })).status
    expect(await under('evil.example')).toBe(403)
    expect(await under('good.example')).toBe(200)
    expect(await under('localhost:3000')).toBe(200)
    expect(reachedApp(await ask('/page', { headers: { host: 'evil.example' } }))).toBe(true)
  })

  it.each(['vite5', 'vite6', 'vite7'] as const)(
    'refuses experimental.bundledDev with %s, which is too old for it',
    async (vite) => {
      const config = { experimental: { bundledDev: true } }
      const { dev } = await running({ vite, config })
      await expect(dev.start()).rejects.toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining('experimental.bundledDev'),
      })
      expect(dev.vite).toBeUndefined()
    },
  )

  it('says that vite is not installed', async () => {
    const root = await temporaryRoot({}, { vite: false })
    undo(root.remove)
    const dev = createEmbeddedServer(developmentSettings(root.path))
    await expect(dev.start()).rejects.toMatchObject({ code: 'ERR_VITE_NOT_INSTALLED', status: 500 })
  })

  it.each<[string, Record<string, string>]>([
    ['a build', { 'dist/.vite/manifest.json': '{}', 'dist/assets/main.css': '' }],
    ['a build that lost .vite on the way', { 'dist/assets/main.css': '' }],
    [
      'a compiled server beside the build',
      { 'dist/a.js': '', 'lib/app.js': '', 'lib/app.d.ts': '' },
    ],
    ['a server', { 'server.js': '', 'public/style.css': '' }],
  ])('does not start where there is no source but %s', async (_, files) => {
    const root = await temporaryRoot({
      'package.json': '{}',
      'views/home.ejs': '',
      'views/a.html': '',
      ...files,
    })
    undo(root.remove)
    const dev = createEmbeddedServer(developmentSettings(root.path))
    await expect(dev.start()).rejects.toMatchObject({
      code: 'ERR_VITE_START',
      message: expect.stringContaining('Set NODE_ENV=production'),
    })
  })

  it.each(['vite.config.js', 'index.html', 'src/main.ts', 'assets/main.css', 'main.js'])(
    'starts where there is %s',
    async (file) => {
      const content = file === 'vite.config.js' ? 'export default {}' : ''
      const root = await temporaryRoot({ 'package.json': '{}', [file]: content })
      undo(root.remove)
      const dev = createEmbeddedServer(developmentSettings(root.path))
      undo(() => dev.close())
      await dev.start()
      expect(dev.started).toBe(true)
    },
  )

  it('refuses a Vite that is too old', async () => {
    const root = await temporaryRoot(
      { 'node_modules/vite/package.json': '{ "name": "vite", "version": "4.5.14" }' },
      { vite: false },
    )
    undo(root.remove)
    const dev = createEmbeddedServer(developmentSettings(root.path))
    await expect(dev.start()).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })

  it('runs beside a Vite of another major in the same process', async () => {
    const old = await running({ vite: 'vite5' })
    const fresh = await running({ vite: 'vite' })
    const app = await listen((req, res) => {
      old.dev.handle(req, res, () => fresh.dev.handle(req, res, () => res.writeHead(404).end()))
    })
    undo(app.close)
    await Promise.all([old.dev.start(), fresh.dev.start()])
    await fresh.root.write('src/only-here.ts', 'export {}')
    expect((await ask(app, '/src/main.ts')).status).toBe(200)
    expect((await ask(app, '/src/only-here.ts')).status).toBe(200)
  })
})

describe('an app that speaks HTTP/2', () => {
  /** What an HTTP/2 client gets, whose requests have no `Host`. */
  async function overHttp2(app: RunningApp, path: string, headers = {}) {
    const session = connect(app.origin, { rejectUnauthorized: false })
    const stream = session.request({ ':path': path, ...headers })
    const [head] = (await once(stream, 'response')) as [Record<string, string | number>]
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += chunk
    session.close()
    return { status: head[':status'], headers: head, body }
  }

  it.each(['vite', 'vite7', 'vite6', 'vite5'] as const)(
    'is served modules, styles and public files (%s)',
    async (vite) => {
      const { app } = await running({ vite, tls: 'http2' })
      const main = await overHttp2(app, '/src/main.ts')
      expect(main).toMatchObject({ status: 200, body: expect.stringContaining('const n = 1') })
      const again = await overHttp2(app, '/src/main.ts', { 'if-none-match': main.headers.etag })
      expect(again).toMatchObject({ status: 304, body: '' })
      expect(await overHttp2(app, '/robots.txt')).toMatchObject({ body: 'User-agent: *\n' })
      expect(await overHttp2(app, '/src/bad.ts')).toMatchObject({ status: 500 })
      expect(await overHttp2(app, '/api/users')).toMatchObject({ status: 404, body: 'app: GET' })
    },
  )

  it('keeps Vite’s host check, which looks for a header that HTTP/2 does not have', async () => {
    const seen: unknown[] = []
    const { app } = await running({ tls: 'http2', seen: (req) => seen.push(req.headers.host) })
    const evil = { ':authority': 'evil.example' }
    expect((await overHttp2(app, '/src/main.ts', evil)).status).toBe(403)
    expect((await overHttp2(app, '/nope.ts?raw', { ':authority': 'localhost' })).status).toBe(404)
    expect((await overHttp2(app, '/page', evil)).status).toBe(404)
    expect(seen).toEqual([undefined, undefined])
  })
})

describe('a Vite that the app made', () => {
  const own = async (root: string) => {
    const { createServer } = await import('vite')
    const server = { middlewareMode: true, ws: false as const }
    return createServer({ root, configFile: false, logLevel: 'silent', appType: 'custom', server })
  }

  it('is used as it is, and its broken modules are a 500 as well', async () => {
    const { ask, dev } = await running({ own })
    expect((await ask('/src/main.ts')).status).toBe(200)
    expect((await ask('/src/bad.ts')).status).toBe(500)
    expect(dev.vite).toBeDefined()
    for (const path of ['/', '/api/users']) expect(reachedApp(await ask(path)), path).toBe(true)
  })

  it('stays the app’s: close() leaves it running', async () => {
    const { dev } = await running({ own })
    await dev.start()
    await dev.close()
    expect(await dev.vite?.transformRequest('/src/main.ts')).toBeTruthy()
  })
})

describe('close()', () => {
  it('ends a Vite that is still starting', async () => {
    const { dev } = await running()
    const start = dev.start()
    const closing = dev.close()
    await expect(start).rejects.toThrow('closed')
    await closing
    expect(dev.vite).toBeUndefined()
    await expect(dev.start()).rejects.toThrow('closed')
  })

  it('lets every later request through to the app', async () => {
    const { dev, ask } = await running()
    expect((await ask('/src/main.ts')).status).toBe(200)
    await dev.close()
    expect(reachedApp(await ask('/src/main.ts'))).toBe(true)
  })

  it('may be called twice, and before Vite was started', async () => {
    const { dev } = await running()
    await dev.close()
    await dev.close()
  })
})
