// A `vite` that runs on its own announces itself, truthfully, and takes the announcement back.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import type { InlineConfig, ViteDevServer } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOT_FILE, readHotFile } from '../../src/dev/hot-file.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, portOf, type Vite, vites } from './vites.js'

let project: Project
let servers: ViteDevServer[]
beforeEach(async () => {
  servers = []
  // Not the repository's node_modules: the file lies in there.
  project = await createProject({}, { linked: false })
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await project.remove()
})

const hotFile = () => join(project.root, HOT_FILE)

async function start(vite: Vite, config: InlineConfig = {}): Promise<ViteDevServer> {
  const server = await vite.createServer(
    configOf(
      project.root,
      {},
      {
        ...config,
        server: { port: 0, strictPort: false, ...config.server },
        optimizeDeps: { noDiscovery: true },
      },
    ),
  )
  servers.push(server)
  return server
}

/** Resolves when the file is there: it follows the `listening` event by an HTML transform. */
async function announced(): Promise<ReturnType<typeof readHotFile>> {
  await expect.poll(() => existsSync(hotFile()), { timeout: 20_000 }).toBe(true)
  return readHotFile(project.root)
}

const preamble = {
  name: 'preamble',
  transformIndexHtml: () => [
    { tag: 'script', attrs: { type: 'module' }, children: 'window.pre = 1' },
  ],
}

describe.each(vites)('a running %s', (_, vite) => {
  it('says where it listens, its base and its head tags', async () => {
    const server = await start(vite, {
      base: '/app/',
      plugins: [preamble],
      server: { host: '127.0.0.1' },
    })
    expect(existsSync(hotFile())).toBe(false)
    await server.listen()
    const hot = await announced()
    const port = portOf(server.httpServer)
    expect(hot).toEqual({
      version: 1,
      url: `http://127.0.0.1:${port}`,
      base: '/app/',
      head: expect.stringMatching(
        /src="\/app\/@vite\/client"[\s\S]*window\.pre = 1|window\.pre = 1[\s\S]*@vite\/client/,
      ),
      pid: process.pid,
    })
    const answer = await fetch(`${hot?.url}/app/@vite/client`)
    expect(answer.status).toBe(200)
  })

  it('takes the file away when it is closed', async () => {
    const server = await start(vite)
    await server.listen()
    expect((await announced())?.url).toMatch(/^http:\/\/localhost:\d+$/)
    await server.close()
    await expect.poll(() => existsSync(hotFile()), { timeout: 20_000 }).toBe(false)
  })

  it('replaces a file that a killed process left behind', async () => {
    mkdirSync(dirname(hotFile()), { recursive: true })
    writeFileSync(hotFile(), '{"version":1,"url":"http://localhost:1"')
    const server = await start(vite)
    await server.listen()
    await expect.poll(() => readHotFile(project.root)?.pid, { timeout: 20_000 }).toBe(process.pid)
  })

  it('writes nothing in middleware mode', async () => {
    const parent = createServer()
    await start(vite, { server: { middlewareMode: true, hmr: { server: parent } } })
    expect(existsSync(hotFile())).toBe(false)
  })

  it('writes nothing for the Vite of a test runner', async () => {
    const server = await start(vite, { plugins: [{ name: 'vitest' }] })
    await server.listen()
    expect(existsSync(hotFile())).toBe(false)
    // The file would be there by now: a second server, started later, has written its own.
    const other = await start(vite)
    await other.listen()
    expect((await announced())?.url).toContain(`:${portOf(other.httpServer)}`)
  })

  it('is written without head tags when a plugin cannot make them', async () => {
    const broken = {
      name: 'broken',
      transformIndexHtml() {
        throw new Error('no page')
      },
    }
    const server = await start(vite, { plugins: [broken] })
    await server.listen()
    expect(await announced()).toMatchObject({ head: '' })
  })

  it('leaves the file alone that another server has written since', async () => {
    const first = await start(vite)
    await first.listen()
    const before = await announced()
    const second = await start(vite)
    await second.listen()
    await expect
      .poll(() => readHotFile(project.root)?.url, { timeout: 20_000 })
      .not.toBe(before?.url)
    const text = readFileSync(hotFile(), 'utf8')
    await first.close()
    expect(readFileSync(hotFile(), 'utf8')).toBe(text)
  })
})

describe('the hot file', () => {
  it('follows a restart', async () => {
    const [, vite8] = vites.at(-1)!
    const server = await start(vite8)
    await server.listen()
    await announced()
    await server.restart()
    await expect
      .poll(() => readHotFile(project.root)?.url, { timeout: 20_000 })
      .toBe(`http://localhost:${portOf(server.httpServer)}`)
  })

  it('is written by the command line, and gone after SIGTERM', async () => {
    const repository = join(import.meta.dirname, '../..')
    await project.write({
      'vite.config.ts': `import { backend } from ${JSON.stringify(join(repository, 'src/plugin/index.ts'))}
        export default { plugins: [backend({ input: 'src/main.ts' })], optimizeDeps: { noDiscovery: true } }`,
    })
    const vite = spawn(
      process.execPath,
      [join(repository, 'node_modules/vite/bin/vite.js'), project.root, '--port', '0'],
      { cwd: repository, stdio: ['pipe', 'ignore', 'inherit'] },
    )
    try {
      const hot = await announced()
      expect(hot?.pid).toBe(vite.pid)
      vite.kill('SIGTERM')
      await once(vite, 'exit')
      expect(existsSync(hotFile())).toBe(false)
    } finally {
      vite.kill('SIGKILL')
    }
  })
})
