// No descriptor is left: what needs one fails with a code, what needs none is served, and all is well again afterwards.
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConnectViteOptions } from '../../src/index.js'
import { createProject } from '../support/project.js'
import { type App, startApp } from './support/app.js'
import { ask, begin, eventually } from './support/ask.js'
import { hashedPaths, madeBuild, temporary, writeBuild } from './support/builds.js'
import { startVite } from './support/vite-process.js'

/** Few, but a Vite starts with them. */
const LIMIT = 100

/** An app of which somebody else takes all connections that it can have; we have made ours before. */
async function start(options: ConnectViteOptions) {
  const app = await startApp(options, { descriptors: LIMIT, keepsConnections: true })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const get = async (path: string) => {
    const { status, body } = await ask(path, { port: app.port, agent })
    return { status, body: String(body) }
  }
  await get('/')
  return { app, get }
}

/** Somebody who wants each connection that there is, until `free()`. */
async function exhaust(app: App): Promise<{ free(): Promise<void> }> {
  const sockets = new Set<Socket>()
  let dropped = 0
  const take = () => {
    const socket = connect(app.port, '127.0.0.1')
    sockets.add(socket)
    socket.on('error', () => {})
    // The system takes connections that the app can't, and it drops them.
    socket.on('close', () => {
      dropped += 1
      sockets.delete(socket)
    })
  }
  const taking = setInterval(take, 10)
  onTestFinished(() => clearInterval(taking))
  const used = () => app.openFiles('').then(({ length }) => length)
  // What the app has open for a moment only is not counted as taken.
  for (let full = 0; full < 10; full++) {
    await setTimeout(20)
    if ((await used()) < LIMIT) full = 0
  }
  // To count them the app needs one itself, and when that is taken too it drops whoever comes.
  dropped = 0
  await eventually(
    () => dropped,
    (count) => count >= 3,
  )
  return {
    async free() {
      clearInterval(taking)
      for (const socket of sockets) socket.destroy()
      await eventually(used, (count) => count < LIMIT - 20)
    },
  }
}

// Descriptors are counted where the system shows them.
describe.skipIf(process.platform !== 'linux')('without a free descriptor', () => {
  it('production serves what is in memory, answers 503 for the rest, and takes a new build afterwards', async () => {
    const root = await temporary()
    // More than memory holds: what was read once, or ahead, needs no descriptor. Several, since the app lets one go now
    // and then.
    const small = Array.from({ length: 100 }, (_, number) => `small-${number}.txt`)
    const others = Object.fromEntries(small.map((file) => [file, Buffer.alloc(20_000, file)]))
    const [build, next] = [0, 1].map((revision) =>
      madeBuild(revision, { 'big.bin': Buffer.alloc(9_000_000), ...others }),
    ) as [ReturnType<typeof madeBuild>, ReturnType<typeof madeBuild>]
    await writeBuild(join(root, 'dist'), build)
    const { app, get } = await start({ root, watch: true, cacheSize: 500_000 })
    const page = (await get('/')).body
    for (const path of hashedPaths(build)) expect((await get(path)).status).toBe(200)

    const { free } = await exhaust(app)
    for (const path of hashedPaths(build)) expect((await get(path)).status).toBe(200)
    const unread = small.values()
    for (const path of [() => `/${unread.next().value}`, () => '/big.bin']) {
      const { status, body } = await eventually(
        () => get(path()),
        (answer) => answer.status !== 200,
      )
      expect(status).toBe(503)
      expect(body).toMatch(/^ERR_ASSET_UNREADABLE .*EMFILE/)
    }
    await writeBuild(join(root, 'dist'), next)
    await eventually(
      () => app.output(),
      (output) => output.includes('The last good build stays'),
    )
    expect((await get('/')).body).toBe(page)

    await free()
    await eventually(
      () => get('/'),
      ({ body }) => body !== page,
    )
    for (const path of [...hashedPaths(next), '/robots.txt', '/big.bin']) {
      expect((await get(path)).status, path).toBe(200)
    }
    expect(app.isAlive()).toBe(true)
  })

  it('a Vite inside the app answers 500 with the reason, and a file that it streams is broken off', async () => {
    // Several, since Vite itself lets a descriptor go now and then.
    const modules = Array.from({ length: 100 }, (_, number) => `src/module-${number}.ts`)
    const { root, remove } = await createProject(
      Object.fromEntries(modules.map((file) => [file, 'export const answer: number = 42'])),
    )
    onTestFinished(remove)
    const { app, get } = await start({ mode: 'development', root })
    expect((await get('/src/main.ts')).status).toBe(200)
    const { free } = await exhaust(app)
    const unread = modules.values()
    const failed = await eventually(
      () => get(`/${unread.next().value}`),
      ({ status }) => status !== 200,
    )
    expect(failed).toEqual({ status: 500, body: expect.stringContaining('EMFILE') })
    expect((await get('/')).status, 'the app goes on').toBe(200)
    const cut = await eventually(
      () =>
        get('/robots.txt').then(
          () => 'whole',
          (error: Error) => error.message,
        ),
      (outcome) => outcome !== 'whole',
    )
    expect(cut).toBe('socket hang up')
    await free()
    for (const path of [`/${modules.at(-1)}`, '/robots.txt'])
      expect((await get(path)).status).toBe(200)
    expect(app.output()).toContain('/robots.txt was broken off: EMFILE')
    expect(app.isAlive()).toBe(true)
  })

  it('an external Vite cannot be reached: a 502 with the reason', async () => {
    const { root, remove } = await createProject({ 'public/big.txt': 'x'.repeat(24_000_000) })
    onTestFinished(remove)
    const { url } = await startVite(root)
    const { app, get } = await start({ mode: 'development', root, devServer: url })
    // The connections to Vite that are there are all in use.
    const downloads = await Promise.all([1, 2, 3].map(() => begin('/big.txt', app.port)))
    const { free } = await exhaust(app)
    const { status, body } = await get('/src/main.ts')
    expect(status).toBe(502)
    expect(body).toContain('as many files and connections open as it may have')
    await free()
    expect((await get('/src/main.ts')).status).toBe(200)
    for (const { rest } of downloads) expect(await rest()).toHaveLength(24_000_000)
    expect(app.isAlive()).toBe(true)
  })
})
