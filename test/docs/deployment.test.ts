// docs/deployment.md does what it says: the app that drains, the image, the processes, nginx, the CDN, builds side by side.
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectVite } from '../../src/index.js'
import { temporaryDirectory } from '../support/directory.js'
import { hasNginx } from '../support/nginx.js'
import { sources } from '../support/project.js'
import { buildImage } from './support/dockerfile.js'
import {
  brokenUrls,
  filesOf,
  type Guide,
  guide,
  openHmrSocket,
  patience,
  type Server,
  urlsIn,
} from './support/guide.js'
import { complaints, startNginx } from './support/nginx.js'
import { blocksOf } from './support/pages.js'

// Builds, and processes that start and end: on a machine that does other things too, they take their time.
vi.setConfig({ testTimeout: 180_000 })

const page = 'docs/deployment.md'
const app = filesOf(page, 'the-app')
const production = { NODE_ENV: 'production' }
const nextBuild = { 'src/main.ts': `${sources['src/main.ts']}console.log('the next build')\n` }

async function built(more = {}): Promise<Guide> {
  const project = await guide({ ...app, ...more })
  await project.build()
  return project
}

async function pageOf(server: Server): Promise<string> {
  const answer = await fetch(server.url)
  expect(answer.status).toBe(200)
  return answer.text()
}

/** One request: over a connection that may be kept, through a socket, with any Host. */
function ask(
  options: http.RequestOptions,
): Promise<{ status: number; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.get(options, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers })
      })
    })
    request.once('error', reject)
  })
}

describe('the app', () => {
  it('serves its page and files, and ends by itself after SIGTERM', async () => {
    const { start } = await built()
    const server = await start('server.js', production)
    const html = await pageOf(server)
    expect(urlsIn(html)).toHaveLength(3)
    expect(await brokenUrls(server, html)).toEqual([])
    expect(await server.stop()).toBe(0)
  })

  it('still serves files to open connections while it shuts down', async () => {
    const slow = `
app.get('/slow', (_req, res) => {
  process.once('SIGTERM', () => process.send('stopping'))
  process.once('SIGUSR2', () => res.send('slow'))
  process.send('slow')
})
`
    const server = app['server.js'] as string
    const { root, start } = await built({
      'server.js': server.replace('const server', `${slow}const server`),
    })
    expect(root).toBeTruthy()
    const running = await start('server.js', production)
    const { port } = new URL(running.url)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const [path] = urlsIn(await pageOf(running))
    const slowAnswer = ask({ port, path: '/slow', agent })
    await running.said('slow')
    const stopped = running.stop()
    const next = ask({ port, path, agent })
    await running.said('stopping')
    running.signal('SIGUSR2')
    expect((await slowAnswer).status).toBe(200)
    expect((await next).status).toBe(200)
    agent.destroy()
    expect(await stopped).toBe(0)
  })

  it('ends with hot-update sockets open in development', async () => {
    const { start } = await guide(app)
    const server = await start('server.js', { NODE_ENV: 'development' })
    await pageOf(server)
    await openHmrSocket(server)
    expect(await server.stop()).toBe(0)
  })
})

describe('the Dockerfile', () => {
  it('makes an image that has all it needs, and no Vite', async () => {
    const { root } = await guide({
      ...app,
      ...filesOf(page, 'docker'),
      'package-lock.json': '{}',
      '.env': 'SECRET=1',
    })
    const work = temporaryDirectory()
    const image = await buildImage(root, work)
    expect(await readdir(image.root)).not.toContain('.env')
    expect(await readdir(join(image.root, 'node_modules'))).not.toContain('vite')
    expect(image.command).toEqual(['node', 'server.js'])
    const project = await guide({})
    const server = await project.start('server.js', image.env, image.root)
    expect(await brokenUrls(server, await pageOf(server))).toEqual([])
  })
})

describe('several processes', () => {
  const files = filesOf(page, 'several-processes-cluster-and-pm2')

  it('serve the site, and end after SIGTERM', async () => {
    const { start } = await built(files)
    const server = await start('cluster.js', production)
    for (let i = 0; i < 4; i++) expect(await brokenUrls(server, await pageOf(server))).toEqual([])
    expect(await server.stop()).toBe(0)
  })

  it('are described to PM2', async () => {
    const { root } = await guide({ ...app, ...files })
    const { apps } = createRequire(join(root, 'x.js'))('./ecosystem.config.cjs')
    expect(apps).toHaveLength(1)
    expect(await readdir(root)).toContain(apps[0].script)
    expect(apps[0]).toMatchObject({ exec_mode: 'cluster', env: production })
  })
})

if (!hasNginx)
  console.warn('\nSKIPPED: nginx is not installed, so its configurations are not checked.\n')

describe.skipIf(!hasNginx)('nginx', () => {
  const files = filesOf(page, 'nginx')
  const configurations = blocksOf(page).filter(({ language }) => language === 'nginx')

  it.each(configurations)('accepts $file', async ({ code }) => {
    expect(await complaints(code)).toBe('')
  })

  /** The page's configuration, with these apps behind it. */
  function inFrontOf(file: string, ...apps: Server[]): Promise<string> {
    const ports = apps.map(({ url }) => new URL(url).port)
    const text = (files[file] as string).replace('127.0.0.1:3000', `127.0.0.1:${ports[0]}`)
    return startNginx(text.replace('127.0.0.1:3001', `127.0.0.1:${ports.at(-1)}`))
  }

  it('asks the other process for what one does not have, and keeps it', async () => {
    const old = await built()
    const next = await built(nextBuild)
    const servers = [
      await old.start('server.js', production),
      await next.start('server.js', production),
    ]
    const socketPath = await inFrontOf('site.conf', ...servers)
    const isScript = (url: string) => url.endsWith('.js')
    for (const server of servers) {
      const script = urlsIn(await pageOf(server)).find(isScript)
      // Each process is asked first at least once; the query keeps the cache from answering.
      for (let i = 0; i < 4; i++) {
        const { status, headers } = await ask({ socketPath, path: `${script}?${i}` })
        expect(status).toBe(200)
        expect(headers['cache-control']).toContain('immutable')
      }
      expect((await ask({ socketPath, path: script })).status).toBe(200)
    }
    // Twice more than `max_fails`: a missing file makes no process unavailable, and is not kept.
    for (let i = 0; i < 4; i++) {
      const { status } = await ask({ socketPath, path: '/assets/nope-12345678.js' })
      expect(status).toBe(404)
    }
    expect((await ask({ socketPath, path: '/' })).status).toBe(200)
    // From here on the cache alone has them.
    const scripts = await Promise.all(
      servers.map(async (one) => urlsIn(await pageOf(one)).find(isScript)),
    )
    for (const server of servers) await server.stop()
    for (const path of scripts) expect((await ask({ socketPath, path })).status).toBe(200)
  })

  it('forwards hot updates in development, under a name that is allowed', async () => {
    const allowed = (app['server.js'] as string).replace(
      'connectVite()',
      "connectVite({ devServer: { allowedHosts: ['dev.example.com'] } })",
    )
    const { start } = await guide({ ...app, 'server.js': allowed })
    const server = await start('server.js', { NODE_ENV: 'development' })
    const socketPath = await inFrontOf('development.conf', server)
    const get = (path: string, host: string) => ask({ socketPath, path, headers: { host } })
    expect((await get('/', 'dev.example.com')).status).toBe(200)
    expect((await get('/src/main.ts', 'dev.example.com')).status).toBe(200)
    expect((await get('/src/main.ts', 'other.example.com')).status).toBe(403)
    const request = http.get({
      socketPath,
      headers: {
        host: 'dev.example.com',
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': 'vite-ping',
      },
    })
    const [response, socket] = await once(request, 'upgrade')
    expect(response.statusCode).toBe(101)
    socket.destroy()
  })
})

describe('a CDN', () => {
  const files = { ...app, ...filesOf(page, 'a-cdn') }

  async function builtForCdn(): Promise<Guide> {
    const project = await guide(files)
    await project.buildWith({ CDN_URL: 'https://cdn.example.com/site/' })
    return project
  }

  it('can pull from the app, under the path of the base', async () => {
    const { start } = await builtForCdn()
    const server = await start('server.js', production)
    const html = await pageOf(server)
    expect(html).toContain('crossorigin="anonymous"')
    for (const url of urlsIn(html)) {
      expect(url).toMatch(/^https:\/\/cdn\.example\.com\/site\/assets\//)
      const answer = await fetch(server.url + new URL(url).pathname)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  it('needs nothing on the app’s machine but dist/.vite when the files were uploaded', async () => {
    const { root, start } = await builtForCdn()
    for (const name of await readdir(join(root, 'dist'))) {
      if (name !== '.vite') await rm(join(root, 'dist', name), { recursive: true })
    }
    const html = await pageOf(await start('server.js', production))
    expect(urlsIn(html)).toHaveLength(3)
    // These two look into the files.
    expect(() => connectVite({ root, mode: 'production', integrity: true })).toThrow('integrity')
    const { inline } = connectVite({ root, mode: 'production' })
    expect(() => inline('src/main.ts')).toThrow('only the manifest was deployed')
  })

  it('is ignored in development', async () => {
    const { start } = await guide(files)
    const server = await start('server.js', {
      NODE_ENV: 'development',
      CDN_URL: 'https://cdn.example.com/site/',
    })
    const html = await pageOf(server)
    expect(urlsIn(html).every((url) => url.startsWith('/site/'))).toBe(true)
    expect(await brokenUrls(server, html)).toEqual([])
  })
})

describe('an old page', () => {
  it('finds its files in the same directory with keep', async () => {
    const { build, start, write } = await built()
    const first = await start('server.js', production)
    const old = urlsIn(await pageOf(first))
    await first.stop()
    await write(nextBuild)
    await build()
    const second = await start('server.js', production)
    expect(urlsIn(await pageOf(second))).not.toEqual(old)
    for (const url of old) expect((await fetch(second.url + url)).status, url).toBe(200)
  })

  it('finds its files in an older directory, of which nothing else is served', async () => {
    const [block] = blocksOf(page).filter(({ code }) => code.includes('outDir: ['))
    const option = /connectVite\(.*?\)(?=\))/.exec(block?.code ?? '')?.[0] as string
    const server = (app['server.js'] as string).replace('connectVite()', option)
    const project = await built({ 'server.js': server })
    await mkdir(join(project.root, 'previous'))
    const old = urlsIn(await pageOf(await project.start('server.js', production)))
    await cp(join(project.root, 'dist'), join(project.root, 'previous'), { recursive: true })
    await rm(join(project.root, 'dist'), { recursive: true })
    await rm(join(project.root, 'public'), { recursive: true })
    await project.write(nextBuild)
    await project.build()
    const second = await project.start('server.js', production)
    for (const url of old) expect((await fetch(second.url + url)).status, url).toBe(200)
    expect((await fetch(`${second.url}/robots.txt`)).status).toBe(404)
  })
})

describe('a build in place', () => {
  it('is read by a running process on SIGHUP', async () => {
    const [block] = blocksOf(page).filter(({ code }) => code.includes('SIGHUP'))
    const line = /^process\.on.*$/m.exec(block?.code ?? '')?.[0]
    const { build, root, start, write } = await built({
      'server.js': `${app['server.js']}\n${line}\n`,
    })
    const server = await start('server.js', production)
    const old = urlsIn(await pageOf(server))
    await write(nextBuild)
    await build()
    expect(urlsIn(await pageOf(server))).toEqual(old)
    expect(await brokenUrls(server, await pageOf(server))).toEqual([])
    server.signal('SIGHUP')
    await expect
      .poll(() => pageOf(server), patience)
      .not.toContain(old.find((url) => url.endsWith('.js')))
    expect(await brokenUrls(server, await pageOf(server))).toEqual([])
    expect(await readFile(join(root, 'dist/.vite/manifest.json'), 'utf8')).toContain('src/main.ts')
  })
})
