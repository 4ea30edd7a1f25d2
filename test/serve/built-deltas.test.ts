// Deltas that the build made: sent at the first request, by a server that could not make them too.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDeltas } from '../../src/build/built-deltas.js'
import { canEncodeDeltas } from '../../src/delta.js'
import { ask, directory, fileServer, listen, type Reply, served, type Tree } from './support.js'

const OLD = 'assets/main-AAAA1111.js'
const NEW = 'assets/main-BBBB2222.js'
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
const offer = (text: string) => `:${createHash('sha256').update(text).digest('base64')}:`
const CHROMIUM = 'gzip, deflate, br, zstd, dcb, dcz'
const [before, after] = ['before();'.repeat(300), 'after();'.repeat(300)]
const DELTA = 'the difference'
const NAME = '.vite/deltas/a-b.dcz'

function index(change: object = {}): string {
  const entry = { file: NEW, digest: digest(after), dictionary: digest(before), name: 'a-b.dcz' }
  return JSON.stringify({ version: 1, deltas: [{ ...entry, size: DELTA.length, ...change }] })
}

async function deployed(tree: Tree = {}) {
  const dir = await directory({
    [OLD]: before,
    [NEW]: after,
    [NAME]: DELTA,
    '.vite/deltas.json': index(),
    ...tree,
  })
  const deltas = readDeltas(dir)
  const files = served(dir, { deltas: (file) => deltas && (deltas.get(file) ?? []) })
  const server = fileServer(dir, { dictionaries: true, compress: true, files })
  const port = await listen(server.handle)
  const get = (path = `/${NEW}`, dictionary = before, encodings = CHROMIUM, method = 'GET') =>
    ask(
      port,
      path,
      { 'Accept-Encoding': encodings, 'Available-Dictionary': offer(dictionary) },
      method,
    )
  return { dir, server, get }
}

/** The whole file, or the delta of a server that can make one. */
function expectOwn({ status, headers, body }: Reply): void {
  expect(status).toBe(200)
  expect(body.toString()).not.toMatch(DELTA)
  if (!canEncodeDeltas()) expect(body.toString()).toBe(after)
  else if (headers['content-encoding'] === undefined) expect(body.toString()).toBe(after)
}

describe('a delta that the build made', () => {
  it('is the answer to the first request of a client that has the earlier file', async () => {
    const { get, server } = await deployed()
    const { status, headers, body } = await get()
    expect([status, body.toString()]).toEqual([200, DELTA])
    expect(headers).toMatchObject({
      'content-encoding': 'dcz',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding, Available-Dictionary',
      'cache-control': 'private, max-age=31536000, immutable',
      'use-as-dictionary': 'match="/assets/main-*.js"',
    })
    expect(headers.etag).toMatch(/-dcz-[\w-]+"$/)
    expect(server.bytesSaved).toBeGreaterThan(0)
    // From memory, and without a body.
    expect((await get()).body.toString()).toBe(DELTA)
    expect((await get(`/${NEW}`, before, CHROMIUM, 'HEAD')).headers['content-length']).toBe(
      String(DELTA.length),
    )
  })

  it('goes to no client without that file, or without the coding', async () => {
    const { get } = await deployed()
    for (const answer of [
      await get(`/${NEW}`, 'another'),
      await get(`/${NEW}`, before, 'br, gzip'),
      await get(`/${NEW}`, before, 'identity'),
    ]) {
      expect(answer.headers['content-encoding']).not.toBe('dcz')
      expect(answer.body.toString()).not.toBe(DELTA)
      expect(answer.status).toBe(200)
    }
  })

  it('is not public under its name, nor is the index', async () => {
    const { get } = await deployed()
    for (const name of [NAME, '.vite/deltas.json', `${NEW}.dcz`, 'deltas/a-b.dcz'])
      expect((await get(`/${name}`)).body.toString(), name).not.toBe(DELTA)
    expect((await get(`/${NAME}`)).status).toBe(299)
  })

  it.each<[string, Tree]>([
    ['is for another version of the file', { '.vite/deltas.json': index({ digest: digest('x') }) }],
    ['has another size than the index says', { [NAME]: `${DELTA} longer` }],
    ['has a path outside', { '.vite/deltas.json': index({ name: '../../x.dcz' }) }],
    ['has an index of another version', { '.vite/deltas.json': '{ "version": 9, "deltas": [] }' }],
    ['has an index that is no JSON', { '.vite/deltas.json': 'x' }],
  ])('is not sent when it %s', async (_, tree) => {
    const { get } = await deployed(tree)
    for (let time = 0; time < 2; time++) {
      expectOwn(await get(`/${NEW}`, before, 'dcz'))
    }
  })

  it('that is gone from the disk leaves the whole file', async () => {
    const { dir, get } = await deployed()
    rmSync(join(dir, NAME))
    expectOwn(await get(`/${NEW}`, before, 'dcz'))
  })

  it('outlives a reload of the build', async () => {
    const { dir, server, get } = await deployed()
    await get()
    const deltas = readDeltas(dir)
    const files = served(dir, { deltas: (file) => deltas?.get(file) ?? [] })
    server.replace({ base: '/', assetsDir: 'assets', files })
    expect((await get()).body.toString()).toBe(DELTA)
    // The next build does not have it, and took it from the disk.
    rmSync(join(dir, NAME))
    server.replace({ base: '/', assetsDir: 'assets', files: served(dir, { deltas: () => [] }) })
    expectOwn(await get(`/${NEW}`, before, 'dcz'))
  })
})

describe('a shared cache that ignores Vary', () => {
  /** Keeps by URL alone what it may keep, and gives it to everyone. */
  function careless(fetch: (encodings: string) => Promise<Reply>) {
    let stored: Reply | undefined
    return async (encodings: string) => {
      if (stored) return { ...stored, fromCache: true }
      const reply = await fetch(encodings)
      if (/\bpublic\b/.test(String(reply.headers['cache-control']))) stored = reply
      return { ...reply, fromCache: false }
    }
  }

  it('never has a delta to give to a client that cannot read it', async () => {
    const { get } = await deployed()
    const cached = careless((encodings) =>
      encodings.includes('dcz')
        ? get(`/${NEW}`, before, encodings)
        : get(`/${NEW}`, 'x', encodings),
    )
    expect(await cached('dcz')).toMatchObject({ fromCache: false, body: Buffer.from(DELTA) })
    expect(await cached('dcz')).toMatchObject({ fromCache: false, body: Buffer.from(DELTA) })
    expect(await cached('identity')).toMatchObject({ fromCache: false, body: Buffer.from(after) })
    // What it keeps is the whole file, which a client with the dictionary reads as well.
    expect(await cached('dcz, identity')).toMatchObject({
      fromCache: true,
      body: Buffer.from(after),
    })
  })
})
