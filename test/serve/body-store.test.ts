// What memory holds, what is read ahead, and what is read once.
import crypto from 'node:crypto'
import fsPromises, { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ask,
  directory,
  eventually,
  fileServer,
  idle,
  serve,
  settings,
  spyOnBuiltin,
} from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe('memory', () => {
  it('holds no more than it may, and forgets what was used longest ago', async () => {
    const tree = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, name.repeat(100)]))
    const { port, files, dir } = await serve(tree, { cacheSize: 300 })
    for (const name of ['a', 'b', 'c', 'a', 'd']) await ask(port, `/${name}`)
    expect(files.bytesCached).toBe(300)
    await rm(dir, { recursive: true })
    const statuses = []
    for (const name of ['a', 'b', 'c', 'd']) statuses.push((await ask(port, `/${name}`)).status)
    expect(statuses).toEqual([200, 299, 200, 200])
  })

  it('reads a file once for all who wait', async () => {
    const { port, files } = await serve({ 'a.txt': 'x'.repeat(100_000) })
    const open = spyOnBuiltin(fsPromises, 'open')
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/a.txt')))
    expect(replies.every(({ body }) => body.length === 100_000)).toBe(true)
    expect(files.bytesCached).toBe(100_000)
    expect(open).toHaveBeenCalledOnce()
  })

  it('hashes a streamed file once, and again when it is another', async () => {
    const { port, dir } = await serve({ 'a.txt': 'one' }, { cacheSize: 0 })
    const hash = spyOnBuiltin(crypto, 'createHash')
    const tags = []
    for (let round = 0; round < 3; round++) tags.push((await ask(port, '/a.txt')).headers.etag)
    expect(new Set(tags).size).toBe(1)
    expect(hash).toHaveBeenCalledOnce()
    await writeFile(join(dir, 'a.txt'), 'another')
    expect((await ask(port, '/a.txt')).headers.etag).not.toBe(tags[0])
    expect(hash).toHaveBeenCalledTimes(2)
  })

  it('reads hashed files ahead, so that they can be deleted without a missing file', async () => {
    const { port, files, dir } = await serve({ 'assets/a-12345678.js': JS, 'b.txt': 'b' })
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes === JS.length,
    )
    await rm(dir, { recursive: true })
    expect((await ask(port, '/assets/a-12345678.js')).text).toBe(JS)
    expect((await ask(port, '/b.txt')).status).toBe(299)
  })

  it('reads no more ahead than there is room for', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `assets/a-1234567${index}.txt`)
    const { files } = await serve(Object.fromEntries(names.map((name) => [name, '0123456789'])), {
      cacheSize: 35,
    })
    const open = spyOnBuiltin(fsPromises, 'open')
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes === 30,
    )
    await idle()
    expect(open.mock.calls.length).toBeLessThanOrEqual(3)
  })

  it('stops reading ahead for a build that another one has replaced', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `assets/a-${10_000_000 + index}.txt`)
    const old = await directory(Object.fromEntries(names.map((name) => [name, 'old'])))
    const next = await directory({ 'assets/b-12345678.txt': 'next' })
    const files = fileServer(old)
    files.replace(settings(next))
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes > 0,
    )
    await idle()
    expect(files.bytesCached).toBe('next'.length)
  })

  it('answers pages that are still loading after close(), and begins nothing more', async () => {
    const tree = { 'a.txt': 'hello', 'assets/b-12345678.txt': 'b'.repeat(5000) }
    const { port, files } = await serve(tree, { compress: true })
    files.close()
    files.close()
    expect(String((await ask(port, '/a.txt')).body)).toBe('hello')
    const br = { 'accept-encoding': 'br' } as const
    for (let asked = 0; asked < 3; asked++) {
      const { status, headers } = await ask(port, '/assets/b-12345678.txt', br)
      expect(status).toBe(200)
      expect(headers['content-encoding']).toBeUndefined()
      await idle()
    }
    expect((await ask(port, '/assets/a-12345678.js')).status).toBe(404)
  })
})
