// Thirteen defects that were found in other static servers, each of which must not be ours.
import { execFileSync } from 'node:child_process'
import {
  appendFile,
  mkdir,
  readdir,
  readlink,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listening } from '../support/listen.js'
import { ask, directory, eventually, fileServer, listen, raw, serve, WAYS } from './support.js'

/** Descriptors of this process that lead into `dir`. */
async function openFiles(dir: string): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  )
  return (await Promise.all(links)).filter((path) => path.startsWith(dir)).length
}

// Node closes a lost descriptor when it collects the garbage, and complains.
const warnings: Error[] = []
const collect = (warning: Error) => void warnings.push(warning)
beforeAll(() => void process.on('warning', collect))
afterAll(() => {
  process.off('warning', collect)
  expect(warnings).toEqual([])
})

const onLinux = it.skipIf(process.platform !== 'linux')

describe.each(WAYS)('$way', ({ cacheSize }) => {
  it.each(['bytes=5-3', 'bytes=0-1844674407370955161500', 'bytes=-1844674407370955161500'])(
    'D1: no range ends the process (%s)',
    async (range) => {
      const { port } = await serve({ 'a.txt': '0123456789' }, { cacheSize })
      expect((await ask(port, '/a.txt', { Range: range })).text).toBe('0123456789')
      expect((await ask(port, '/a.txt')).status).toBe(200)
    },
  )

  it('D2: a file that is removed after the start ends no process', async () => {
    const tree = { 'a.txt': 'a', 'assets/a-12345678.js': 'a', 'assets/plain.js': 'p' }
    const { port, dir } = await serve(tree, { cacheSize })
    await rm(join(dir, 'a.txt'))
    await rm(join(dir, 'assets/plain.js'))
    expect((await ask(port, '/a.txt')).status).toBe(299)
    expect((await ask(port, '/assets/plain.js')).status).toBe(404)
    expect((await ask(port, '/assets/a-12345678.js')).status).toBe(200)
  })

  it('D2: nor does one in whose place there is a directory, a link or a pipe', async () => {
    const { port, dir } = await serve({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' }, { cacheSize })
    await rm(join(dir, 'a.txt'))
    await mkdir(join(dir, 'a.txt'))
    expect((await ask(port, '/a.txt')).status).toBe(299)
    await rm(join(dir, 'b.txt'))
    await symlink('/etc/hostname', join(dir, 'b.txt'))
    expect((await ask(port, '/b.txt')).status).toBe(299)
    if (process.platform === 'win32') return
    await rm(join(dir, 'c.txt'))
    execFileSync('mkfifo', [join(dir, 'c.txt')])
    expect((await ask(port, '/c.txt')).status).toBe(299)
  })

  onLinux('D3: an aborted download leaves no descriptor behind', async () => {
    const size = 20_000_000
    const { port, dir } = await serve({ 'big.bin': Buffer.alloc(size) }, { cacheSize })
    const abort = (headers: string) =>
      new Promise<void>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => {
          socket.write(`GET /big.bin HTTP/1.1\r\nHost: h\r\n${headers}\r\n`)
        })
        socket.once('data', () => socket.destroy())
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
    for (const headers of [
      '',
      'Range: bytes=5-\r\n',
      'If-None-Match: *\r\n',
      'Range: bytes=99999999-\r\n',
    ]) {
      await Promise.all(Array.from({ length: 25 }, () => abort(headers)))
    }
    await eventually(
      () => openFiles(dir),
      (count) => count === 0,
    )
    expect((await ask(port, '/big.bin')).body).toHaveLength(size)
  })

  onLinux('D3: nor do clients that are gone before the file is open', async () => {
    const { port, dir } = await serve({ 'big.bin': Buffer.alloc(20_000_000) }, { cacheSize })
    for (let round = 0; round < 50; round++) {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await new Promise<void>((resolve) => {
        socket.on('connect', () => {
          socket.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n', () => {
            socket.resetAndDestroy()
            resolve()
          })
        })
      })
    }
    expect((await ask(port, '/big.bin')).status).toBe(200)
    await eventually(
      () => openFiles(dir),
      (count) => count === 0,
    )
  })

  onLinux('D3: nor do pipelined requests that wait for their turn', async () => {
    const { port, dir } = await serve({ 'big.bin': Buffer.alloc(20_000_000) }, { cacheSize })
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(50))
    })
    await new Promise((resolve) => socket.once('readable', resolve))
    expect(await openFiles(dir)).toBeLessThanOrEqual(1)
    socket.destroy()
    await eventually(
      () => openFiles(dir),
      (count) => count === 0,
    )
  })

  it.each([
    ['grew', (path: string) => appendFile(path, 'more')],
    ['shrank', (path: string) => truncate(path, 3)],
    ['was emptied', (path: string) => truncate(path, 0)],
    ['was replaced', (path: string) => writeFile(path, 'something else')],
    ['was deleted', (path: string) => rm(path)],
  ])('D4: a file that %s after the start leaves the connection in step', async (_, change) => {
    for (const readBefore of [true, false]) {
      const { port, dir } = await serve({ 'a.txt': '0123456789', 'b.txt': 'B' }, { cacheSize })
      if (readBefore) await ask(port, '/a.txt')
      await change(join(dir, 'a.txt'))
      const received = await raw(
        port,
        'GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\nGET /b.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
      )
      const [head = '', rest = ''] = received.split(/\r\n\r\n(.*)/s)
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const second = /transfer-encoding/i.test(head) ? rest : rest.slice(length)
      expect(second).toMatch(/HTTP\/1\.1 200 OK\r\n.*\r\n\r\nB$/s)
    }
  })

  it.each([
    ['bytes=0-0', '0'],
    ['bytes=9-99', '9'],
    ['bytes=-3', '789'],
  ])('D5: %s is exactly that part', async (range, text) => {
    const { port } = await serve({ 'a.txt': '0123456789' }, { cacheSize })
    expect(await ask(port, '/a.txt', { Range: range })).toMatchObject({ status: 206, text })
  })

  it('D10: a 304 has entity tag, lifetime and Vary, and Vary is added to', async () => {
    const dir = await directory({ 'a.js': 'x'.repeat(2000), 'a.js.br': 'x' })
    const port = await listen(fileServer(dir, { cacheSize }).handle, (_req, res, next) => {
      res.setHeader('Vary', 'Origin')
      next()
    })
    const reply = await ask(port, '/a.js', { 'If-None-Match': '*' })
    expect(reply.status).toBe(304)
    expect(reply.headers).toMatchObject({
      etag: expect.stringMatching(/^".{22}"$/),
      'cache-control': expect.stringContaining('max-age'),
      vary: 'Origin, Accept-Encoding',
    })
  })

  it('D11: two encodings never share an entity tag', async () => {
    const js = 'x'.repeat(2000)
    const { port } = await serve({ 'a.js': js, 'a.js.br': brotliCompressSync(js) }, { cacheSize })
    const plain = await ask(port, '/a.js')
    const br = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(br.headers['content-encoding']).toBe('br')
    expect(br.headers.etag).not.toBe(plain.headers.etag)
  })
})

it('D4: a file that shrinks while it is sent breaks the connection off', async () => {
  const size = 30_000_000
  const { port, dir } = await serve({ 'big.bin': Buffer.alloc(size, 'x') }, { cacheSize: 0 })
  const received = await new Promise<number>((resolve) => {
    let bytes = 0
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(
        'GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\nGET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n',
      )
    })
    socket.once('data', (chunk) => {
      bytes += chunk.length
      socket.pause()
      truncate(join(dir, 'big.bin'), 1000).then(() => {
        socket.on('data', (more) => {
          bytes += more.length
        })
        socket.resume()
      })
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(bytes))
  })
  expect(received).toBeLessThan(size)
})

it('D6: no method but GET and HEAD gets a file', async () => {
  const { port } = await serve({ 'a.txt': 'a' })
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    expect((await ask(port, '/a.txt', {}, method)).status).toBe(299)
  }
})

it('D7: a lost chunk is a 404, never a page', async () => {
  const { port } = await serve({ 'index.html': '<p>' })
  const reply = await ask(port, '/assets/gone-12345678.js')
  expect(reply.status).toBe(404)
  expect(reply.headers['content-type']).toContain('text/plain')
})

it('D8: the manifest is not public', async () => {
  const { port } = await serve({ '.vite/manifest.json': '{}', '.vite/connect-vite.json': '{}' })
  for (const path of [
    '/.vite/manifest.json',
    '/%2evite/manifest.json',
    '/.vite/connect-vite.json',
  ]) {
    expect((await ask(port, path)).status).toBe(299)
  }
})

it.each(['br;q=0', 'xbr', 'BR;Q=0.000', 'identity, br;q=0', 'gzip'])(
  'D9: who says %j gets no brotli',
  async (accept) => {
    const { port } = await serve({ 'a.js': 'x'.repeat(99), 'a.js.br': 'x' })
    const { headers } = await ask(port, '/a.js', { 'Accept-Encoding': accept })
    expect(headers).not.toHaveProperty('content-encoding')
  },
)

it('D12: dangling links and loops do not stop the start', async () => {
  const dir = await directory({ 'a.txt': 'a' })
  await symlink('nowhere', join(dir, 'dangling'))
  await symlink('loop', join(dir, 'loop'))
  await symlink('.', join(dir, 'self'))
  const port = await listen(fileServer(dir).handle)
  expect((await ask(port, '/a.txt')).text).toBe('a')
})

it.each(WAYS)('D13: slow readers share one body, $way', async ({ cacheSize }) => {
  const size = 7_000_000
  const readers = 30
  const dir = await directory({ 'big.bin': Buffer.alloc(size) })
  const files = fileServer(dir, { cacheSize })
  const { port, server } = await listening((req, res) => files.handle(req, res, () => res.end()))
  await ask(port, '/big.bin')
  const before = process.memoryUsage()
  const sockets = await Promise.all(
    Array.from(
      { length: readers },
      () =>
        new Promise<net.Socket>((resolve) => {
          const socket = net.connect(port, '127.0.0.1', () => {
            socket.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n')
          })
          socket.on('error', () => {})
          socket.once('readable', () => resolve(socket))
        }),
    ),
  )
  const after = process.memoryUsage()
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan((readers * size) / 4)
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
