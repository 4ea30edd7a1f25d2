// Files that an embedded Vite streams: what goes wrong with one ends its response, and neither the app nor its descriptors.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Running, setUp } from '../support/embedded.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** More than a connection takes while nobody reads. */
const BIG = randomBytes(8 * 1024 * 1024).toString('hex')

async function running(vite: 'vite' | 'vite5') {
  const logged: string[] = []
  const customLogger = {
    ...{ info() {}, warn() {}, warnOnce() {}, clearScreen() {}, hasWarned: false },
    hasErrorLogged: () => false,
    error: (message: string) => void logged.push(message),
  }
  const setup = await setUp((cleanup) => cleanups.push(cleanup), {
    vite,
    more: { 'public/big.txt': BIG },
    config: { customLogger },
    paths: ['/src/'],
  })
  return { ...setup, logged }
}

/** Descriptors of this process that lead below `directory`, watchers aside. */
async function openFiles(directory: string): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  )
  return (await Promise.all(links)).filter((path) => path.startsWith(directory))
}

/** A file whose name is there and which cannot be opened, whoever asks. */
async function unreadable({ root }: Running, file: string): Promise<void> {
  const server = createServer().listen(join(root.path, file))
  await once(server, 'listening')
  cleanups.push(() => server.close())
}

describe.each(['vite', 'vite5'] as const)('%s', (vite) => {
  it('cuts the response of a file that cannot be opened, and logs the reason', async () => {
    const app = await running(vite)
    await unreadable(app, 'src/file.png')
    await expect(app.ask('/src/file.png')).rejects.toThrow('hang up')
    expect(app.logged).toEqual([expect.stringMatching(/^\/src\/file.png was broken off: ENXIO/)])
    expect((await app.ask('/src/main.ts')).status).toBe(200)
  })

  it.skipIf(process.platform !== 'linux')('closes the file when the client leaves', async () => {
    const { app, root, ask } = await running(vite)
    await ask('/src/main.ts')
    const clients = Array.from({ length: 20 }, () => connect(app.port, '127.0.0.1'))
    for (const client of clients) {
      client.write('GET /big.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(client, 'readable')
    }
    expect(await openFiles(root.path)).toHaveLength(20)
    for (const client of clients) client.destroy()
    await expect.poll(() => openFiles(root.path)).toEqual([])
  })
})
