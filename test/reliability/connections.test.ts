// Clients that hold a connection and do next to nothing with it: idle ones by the thousand, and ones that read a byte a second.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type App, startApp } from './support/app.js'
import { ask } from './support/ask.js'
import { hashedPaths, madeBuild, temporary, writeBuild } from './support/builds.js'
import { figure, median } from './support/figures.js'

const MIB = 1024 * 1024

/** Descriptors are counted where the system shows them. */
const onLinux = it.skipIf(process.platform !== 'linux')

/** As many as asked for, or as the system lets us and the app have. */
function connectionsOf(wanted: number): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) || 1_000_000
  const possible = Math.min(wanted, limit - 500)
  if (possible < wanted) console.warn(`\n${possible} connections instead of ${wanted}: ulimit -n\n`)
  return possible
}

/** A connection over which a file was asked for, once the answer has begun. */
async function asking({ port }: App, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(socket, 'readable')
  return socket
}

/** So many at a time, as a listening socket takes no more. */
async function many<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = []
  while (made.length < count) {
    const batch = Math.min(200, count - made.length)
    made.push(
      ...(await Promise.all(Array.from({ length: batch }, (_, n) => make(made.length + n)))),
    )
  }
  return made
}

async function memory(app: App): Promise<number> {
  for (let i = 0; i < 3; i++) await ask('/collect-garbage', app)
  return JSON.parse(String((await ask('/memory', app)).body)).added
}

/** Connections that the app has, the one to us as its parent included. */
const sockets = (app: App) => app.openFiles('socket:').then(({ length }) => length)

/** Median times of a request to each, in milliseconds: in turn, so that whatever else goes on slows both. */
async function compare(apps: readonly App[], paths: readonly string[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const times = apps.map(() => [] as number[])
  for (let round = 0; round < 200; round++) {
    for (const [index, { port }] of apps.entries()) {
      const start = performance.now()
      const { status } = await ask(paths[round % paths.length]!, { port, agent })
      times[index]!.push(performance.now() - start)
      expect(status).toBe(200)
    }
  }
  return times.map(median)
}

onLinux('5,000 idle connections slow nobody down, weigh little, and all close', async () => {
  const count = connectionsOf(5_000)
  const root = await temporary()
  const build = madeBuild(0)
  await writeBuild(join(root, 'dist'), build)
  const paths = hashedPaths(build)
  const [app, control] = (await Promise.all(
    [1, 2].map(() => startApp({ root }, { keepsConnections: true })),
  )) as [App, App]
  await compare([app, control], paths)

  const before = { memory: await memory(app), sockets: await sockets(app) }
  const idle = await many(count, (n) => asking(app, paths[n % paths.length]!))
  for (const socket of idle) socket.resume() // reads what has come, and waits
  expect(await sockets(app)).toBeGreaterThanOrEqual(count)
  const each = ((await memory(app)) - before.memory) / count
  figure(`${count} idle connections, memory each`, each / 1024, 'KiB')
  expect(each).toBeLessThan(64 * 1024)

  const [busy = 0, quiet = 0] = await compare([app, control], paths)
  figure('a request beside them, median', busy, 'ms')
  figure('a request without them, median', quiet, 'ms')
  expect(busy).toBeLessThan(quiet * 5)

  // Some leave, the others are sent away.
  const leaving = idle.splice(0, count >> 1)
  for (const socket of leaving) socket.destroy()
  await expect.poll(() => sockets(app), { timeout: 20_000 }).toBeLessThan(idle.length + 50)
  const closed = idle.map((socket) => once(socket, 'close'))
  app.terminate()
  await Promise.all(closed)
  expect(await app.ended).toBe(0)
})

onLinux(
  'clients that read a byte a second take little memory, slow nobody down, and leave nothing behind',
  async () => {
    const READERS = 200
    const root = await temporary()
    const build = madeBuild(0, {
      'large.bin': Buffer.alloc(32 * MIB, 'x'),
      'small.bin': Buffer.alloc(6 * MIB, 'x'),
    })
    await writeBuild(join(root, 'dist'), build)
    const paths = hashedPaths(build)
    const [app, control] = (await Promise.all([1, 2].map(() => startApp({ root })))) as [App, App]
    for (const path of ['/large.bin', '/small.bin']) expect((await ask(path, app)).status).toBe(200)
    await compare([app, control], paths)

    const before = await memory(app)
    const readers = await many(READERS, (n) => asking(app, n % 2 ? '/large.bin' : '/small.bin'))
    const reading = setInterval(() => {
      for (const socket of readers) socket.read(1)
    }, 1_000)
    onTestFinished(() => clearInterval(reading))
    expect((await app.openFiles(root)).length).toBe(READERS / 2)
    const [busy = 0, quiet = 0] = await compare([app, control], paths)
    const each = ((await memory(app)) - before) / READERS
    figure(`${READERS} slow readers, memory each`, each / 1024, 'KiB')
    figure('a request beside them, median', busy, 'ms')
    figure('a request without them, median', quiet, 'ms')
    expect(each).toBeLessThan(MIB / 2)
    expect(busy).toBeLessThan(quiet * 5)

    const [patient, ...others] = readers
    for (const socket of others) socket.destroy()
    await expect.poll(() => app.openFiles(root), { timeout: 20_000 }).toEqual([])
    clearInterval(reading)
    let bytes = 0
    for await (const chunk of patient!) {
      bytes += chunk.length
      if (bytes > 6 * MIB) break
    }
    expect(bytes).toBeGreaterThan(6 * MIB)
    expect(app.isAlive()).toBe(true)
  },
)
