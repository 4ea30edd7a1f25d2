// What SECURITY.md says of a whole app, seen through a whole app: what is kept back, and what is left to the app.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import helmet from 'helmet'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { type Answer, ask as askApp, type RunningApp } from '../dev/support/app.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'

const silent = { info() {}, warn() {}, error() {} }

/** An app around the middleware, on a free port. */
async function serve(
  listener: RequestListener,
): Promise<(path: string, headers?: Record<string, string>) => Promise<Answer>> {
  const { url, server, close } = await listen(listener)
  const app = { server, origin: url, port: Number(new URL(url).port) } as RunningApp
  onTestFinished(close)
  return (path, headers = {}) => askApp(app, path, { headers })
}

describe('development', () => {
  let project: Project
  let vite: Handle
  const handles: Handle[] = []
  const development = (options: ConnectViteOptions = {}) => {
    const devServer: ConnectViteOptions['devServer'] = { config: { logLevel: 'silent' } }
    const { root } = project
    const handle = connectVite({ root, mode: 'development', logger: silent, devServer, ...options })
    handles.push(handle)
    return handle
  }
  beforeAll(async () => {
    project = await createProject({
      '.env': 'KEY=SECRET\n',
      '.env.local': 'KEY=SECRET\n',
      '.git/config': 'SECRET\n',
      '.npmrc.js': 'export default "SECRET"\n',
      'cert.pem': 'SECRET\n',
      'src/.hidden/a.ts': 'export default "SECRET"\n',
      'server.js': 'const password = "hunter2"\n',
      'data.sqlite': 'rows\n',
    })
    vite = development()
  })
  afterAll(async () => {
    for (const handle of handles) await handle.close()
    await project.remove()
  })

  const app = () => express().use(helmet(), vite)

  const secrets = [
    '/.env',
    '/.env?raw',
    '/.env?import&raw??',
    '/.env.local?url&inline',
    '/.git/config',
    '/.git/config?raw',
    '/cert.pem',
    '/cert.pem?import&raw',
    '/@fs/etc/passwd',
    '/@fs/etc/passwd?raw',
    '/@fs/etc/passwd?import&raw??',
    '/@fs/ROOT/.env',
    '/@fs/ROOT/.env?raw',
    '/@fs/ROOT/../../etc/passwd',
    '/@fs/ROOT/src/../.env?raw',
    '/@fs/ROOT/.env#/src/main.ts',
    '/src/%2e%2e/.env?raw',
    '/src/..%2f.env?raw',
    '/node_modules/../.env?raw',
    '/@id/__x00__/etc/passwd',
    '//.env?raw',
    '/\\.env?raw',
  ]
  it.each(['/.npmrc.js', '/src/.hidden/a.ts', '/src/.hidden/a.ts?import'])(
    'gives no dotfile at all to %s, with the base /',
    async (target) => {
      const ask = await serve(app())
      expect((await ask(target)).status).toBe(404)
    },
  )

  it.each(secrets)('gives no secret to %s', async (target) => {
    const ask = await serve(app())
    const { body } = await ask(target.replace('/ROOT', project.root))
    expect(body).not.toMatch(/SECRET|root:.*:0:0:/)
  })

  it('gives no secret below a base either', async () => {
    const below = development({ base: '/app/' })
    const ask = await serve(express().use(below))
    expect((await ask('/app/server.js')).body).toContain('hunter2')
    for (const target of secrets) {
      const { body } = await ask(`/app${target.replace('/ROOT', project.root)}`)
      expect(body, target).not.toMatch(/SECRET|root:.*:0:0:/)
    }
  })

  it('passes on the CORS headers of an external Vite, which trusts only pages of this machine', async () => {
    const { createServer: createVite } = await import('vite')
    const external = await createVite({
      root: project.root,
      configFile: false,
      logLevel: 'silent',
      server: { port: 0 },
    })
    onTestFinished(() => external.close())
    await external.listen()
    const url = external.resolvedUrls?.local[0] as string
    const forwarding = connectVite({ root: project.root, mode: 'development', devServer: url })
    onTestFinished(() => forwarding.close())
    const ask = await serve(express().use(forwarding))
    const allowed = async (origin: string) =>
      (await ask('/src/main.ts', { origin })).headers['access-control-allow-origin']
    expect(await allowed('http://evil.test')).toBeUndefined()
    expect(await allowed('http://localhost:8080')).toBe('http://localhost:8080')
  })

  it('gives away every other file under root, code of the server included', async () => {
    const ask = await serve(app())
    expect((await ask('/server.js')).body).toContain('hunter2')
    expect((await ask('/data.sqlite')).body).toBe('rows\n')
    expect((await ask('/package.json')).status).toBe(200)
  })

  it('answers every client that asks for an IP address, so the app must listen on the loopback only', async () => {
    const ask = await serve(app())
    expect((await ask('/src/main.ts', { host: '192.168.1.20:3000' })).status).toBe(200)
    expect((await ask('/src/main.ts', { host: 'rebound.test' })).status).toBe(403)
  })

  it('lets a page of another site run a module’s text as a classic script, unless the app says no', async () => {
    const scriptOfEvil = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'script',
    }
    const bare = await serve(express().use(vite))
    const { status, headers } = await bare('/src/main.ts', scriptOfEvil)
    expect(status).toBe(200)
    expect(headers['cross-origin-resource-policy']).toBeUndefined()
    const withHelmet = await serve(app())
    const refused = await withHelmet('/src/main.ts', scriptOfEvil)
    expect(refused.headers['cross-origin-resource-policy']).toBe('same-origin')
  })
})

describe('production', () => {
  let project: Project
  let vite: Handle
  const handles: Handle[] = []
  const production = (options: ConnectViteOptions = {}) => {
    const handle = connectVite({
      root: project.root,
      mode: 'production',
      logger: silent,
      ...options,
    })
    handles.push(handle)
    return handle
  }
  beforeAll(async () => {
    project = await createProject({ 'public/backup.sql': 'SECRET\n' })
    await buildProject(project.root)
    vite = production()
  })
  afterAll(async () => {
    for (const handle of handles) await handle.close()
    await project.remove()
  })

  const script = (handle: Handle) => /src="([^"]+)"/.exec(handle.tags('src/main.ts'))?.[1] as string

  it('prints the same tags and headers for every Host and every forwarding header', async () => {
    const app = express().set('trust proxy', true).use(vite)
    app.get('/', (_req, res) => {
      res.send(res.locals.viteTags('src/main.ts'))
    })
    const ask = await serve(app)
    const hostile = {
      host: 'evil.test',
      forwarded: 'host=evil.test;proto=https',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'javascript',
      'x-forwarded-prefix': '/evil',
      'x-original-url': '/evil',
    }
    for (const path of ['/', script(vite)]) {
      const [plain, attacked] = [await ask(path), await ask(path, hostile)]
      expect(attacked.body).toBe(plain.body)
      expect({ ...attacked.headers, date: '' }).toEqual({ ...plain.headers, date: '' })
    }
  })

  it('serves every file in public/', async () => {
    const ask = await serve(express().use(vite))
    expect((await ask('/backup.sql')).body).toBe('SECRET\n')
  })

  it.each([
    [true, 200],
    ['hidden', 404],
  ] as const)('with sourcemap: %j answers %i to a request for a map', async (sourcemap, status) => {
    const outDir = `dist-${sourcemap}`
    await buildProject(project.root, { build: { sourcemap, outDir } })
    const handle = production({ outDir })
    const ask = await serve(express().use(handle))
    expect((await ask(script(handle))).status).toBe(200)
    expect((await ask(`${script(handle)}.map`)).status).toBe(status)
  })

  it('answers assets before what comes behind it, and with wrap() before all of the app', async () => {
    const locked = express()
    locked.use((_req, res) => {
      res.status(401).send('log in')
    })
    const path = script(vite)
    const guardFirst = await serve(express().use(locked, vite))
    expect((await guardFirst(path)).status).toBe(401)
    const guardLast = await serve(express().use(vite, locked))
    expect((await guardLast(path)).status).toBe(200)
    const wrapped = await serve(vite.wrap(locked))
    expect((await wrapped(path)).status).toBe(200)
    expect((await wrapped('/')).status).toBe(401)
  })

  it('says nothing of an error to the client under wrap()', async () => {
    const failing = production({
      setHeaders() {
        throw new Error('password=hunter2')
      },
    })
    const ask = await serve(failing.wrap(express()))
    const { status, body } = await ask(script(failing))
    expect(status).toBe(500)
    expect(body).toBe('Internal Server Error')
  })

  it('does not look at the hot file of a running Vite', async () => {
    const asked: string[] = []
    const imposter = createServer((req, res) => {
      asked.push(req.url ?? '')
      res.writeHead(204).end()
    })
    await new Promise<void>((resolve) => imposter.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void imposter.close())
    const { port } = imposter.address() as { port: number }
    const directory = join(project.root, 'node_modules/.connect-vite')
    await mkdir(directory)
    const hot = {
      version: 1,
      url: `http://127.0.0.1:${port}`,
      base: '/',
      head: '<script>evil()</script>',
      pid: 1,
    }
    await writeFile(join(directory, 'dev-server.json'), JSON.stringify(hot))
    const handle = production()
    const ask = await serve(express().use(handle))
    expect((await ask('/@vite/client')).status).toBe(404)
    expect(handle.tags('src/main.ts')).not.toContain('evil')
    expect(asked).toEqual([])
  })

  it('is not the mode of an app without NODE_ENV', () => {
    onTestFinished(() => void vi.unstubAllEnvs())
    const modeWith = (NODE_ENV: string | undefined) => {
      vi.stubEnv('NODE_ENV', NODE_ENV)
      return connectVite({ root: project.root }).info().mode
    }
    expect(modeWith(undefined)).toBe('development')
    expect(modeWith('staging')).toBe('development')
    expect(modeWith('production')).toBe('production')
  })
})
