// Development that finds its Vite: by the hot file, as long as the server it names answers.
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { HOT_FILE, HOT_FILE_VERSION } from '../../src/dev/hot-file.js'
import { connectVite, type Handle } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { type RunningVite, runVite } from './support/vite.js'

let project: Project
let vite: Handle
let app: Awaited<ReturnType<typeof listen>>
const running: RunningVite[] = []
const said: string[] = []

beforeEach(async () => {
  said.length = 0
  project = await createProject()
  const logger = { info: (text: string) => void said.push(text), warn() {}, error() {} }
  vite = connectVite({
    mode: 'development',
    root: project.root,
    devServer: { config: { logLevel: 'silent' } },
    logger,
  })
  app = await listen((req, res) => vite(req, res, () => res.writeHead(404).end('app 404')))
})
afterEach(async () => {
  await vite.close()
  await app.close()
  await Promise.all(running.splice(0).map((one) => one.close()))
  await project.remove()
})

async function announce(url: string, pid = process.pid) {
  const file = join(project.root, HOT_FILE)
  await mkdir(dirname(file), { recursive: true })
  const hot = {
    version: HOT_FILE_VERSION,
    url,
    base: '/',
    head: '<script type="module" src="/@vite/client"></script>',
    pid,
  }
  await writeFile(file, JSON.stringify(hot))
}

async function startVite(config = {}) {
  const one = await runVite(project.root, config)
  running.push(one)
  await announce(one.url.origin)
  return one
}

const get = (path: string) => fetch(app.url + path)

it('uses the running Vite that a hot file names, and starts none', async () => {
  const { url } = await startVite()
  expect((await get('/src/main.ts')).status).toBe(200)
  expect(vite.server).toBeUndefined()
  expect(vite.info().devServer).toBe(url.href)
  expect(said).toEqual([`Using the Vite that runs at ${url.href}`])
})

it.each([
  ['names a server that is gone', async () => announce('http://127.0.0.1:9')],
  [
    'is garbage',
    async () => {
      await announce('http://127.0.0.1:9')
      const file = join(project.root, HOT_FILE)
      await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20))
    },
  ],
  [
    'was left by a process that is gone, and another Vite has its port',
    async () => {
      const { url } = await startVite()
      const gone = spawnSync(process.execPath, ['--version'])
      await announce(url.origin, gone.pid)
    },
  ],
])('starts its own where the hot file %s', async (_what, spoil) => {
  await spoil()
  expect((await get('/src/main.ts')).status).toBe(200)
  expect(vite.server).toBeDefined()
})

it('switches to a Vite that is started while the app runs, and closes the embedded one', async () => {
  expect((await get('/src/main.ts')).status).toBe(200)
  const own = vite.server
  expect(own).toBeDefined()
  const { url } = await startVite()
  await vi.waitFor(
    async () => {
      await get('/src/main.ts')
      expect(vite.info().devServer).toBe(url.href)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(vite.server).toBeUndefined()
  expect((await get('/src/main.ts')).status).toBe(200)
})

it('answers with what to run when the external Vite went down, and finds it again on another port', async () => {
  const first = await startVite()
  expect((await get('/src/main.ts')).status).toBe(200)
  await first.close()
  await rm(join(project.root, HOT_FILE))
  const down = await get('/src/main.ts')
  expect(down.status).toBe(502)
  const text = await down.text()
  expect(text).toContain(first.url.host)
  // It did not come from an option that could be left out.
  expect(text).toContain('or restart the app to have it started inside')
  const second = await startVite()
  await vi.waitFor(async () => expect((await get('/src/main.ts')).status).toBe(200), {
    timeout: 20_000,
    interval: 100,
  })
  expect(vite.info().devServer).toBe(second.url.href)
})

it('starts no Vite when it is closed while it looks for one', async () => {
  await startVite()
  const ready = vite.ready()
  const refused = expect(ready).rejects.toThrow('closed')
  await vite.close()
  await refused
  expect(vite.server).toBeUndefined()
})
