// Reading a file that is another one by now, or half of one, or none: what is known of it is never mixed with what it holds.
import { mkdir, readdir, readlink, rm, utimes, writeFile } from 'node:fs/promises'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BROTLI } from '../../src/codings.js'
import { type Asset, addEncoded, createAsset, createCompressed } from '../../src/serve/asset.js'
import { BodyStore, isMissing } from '../../src/serve/body-store.js'
import { Memory } from '../../src/serve/memory.js'
import type { Representation } from '../../src/serve/representation.js'
import { unreadable } from '../../src/serve/respond.js'
import { directory, eventually, fileServer, served } from './support.js'

const LARGEST = 100
const options = {
  maxAge: 0,
  compress: false,
  cacheSize: LARGEST,
  crossOrigin: false,
  dictionaries: false,
}

/** One file, as a scan has found it. */
async function reading(text: string, { immutable = false, siblings = {} } = {}) {
  const dir = await directory({ 'a.js': text, ...siblings })
  const path = join(dir, 'a.js')
  const source = served(dir, { immutable: () => immutable }).get('a.js')!
  const memory = new Memory<Representation>(1000)
  const bodies = new BodyStore(memory)
  const asset: Asset = createAsset(source, options)
  return { path, memory, bodies, asset }
}

const missing = expect.objectContaining({ code: 'ENOENT' })
const agesAgo = (path: string) => utimes(path, 1000, 1000)
/** However long the machine takes from here on. */
const justNow = (path: string) => utimes(path, 4e9, 4e9)

describe('a small file', () => {
  it('is read into memory once', async () => {
    const { bodies, asset, memory } = await reading('one')
    const content = await bodies.identify(asset)
    expect(await bodies.identify(asset)).toBe(content)
    expect(await bodies.open(asset, content, content.identity)).toEqual(Buffer.from('one'))
    expect(memory.bytes).toBe(3)
  })

  it('that is another one when it is read again is not sent for the old one', async () => {
    const { bodies, asset, memory, path } = await reading('one')
    const content = await bodies.identify(asset)
    const compressed = createCompressed(asset, content, BROTLI, 2)
    addEncoded(content, compressed)
    memory.put(compressed, Buffer.from('br'))
    memory.drop(content.identity)
    await writeFile(path, 'three')
    expect(await bodies.open(asset, content, content.identity)).toBeUndefined()
    const next = await bodies.identify(asset)
    expect(next).not.toBe(content)
    expect(String(await bodies.open(asset, next, next.identity))).toBe('three')
    expect(memory.bytes).toBe(5)
  })

  it('that is still the same when it is read again keeps its content', async () => {
    const { bodies, asset, memory } = await reading('one')
    const content = await bodies.identify(asset)
    memory.drop(content.identity)
    expect(String(await bodies.open(asset, content, content.identity))).toBe('one')
    expect(asset.content).toBe(content)
  })

  it('that has grown too big for memory is streamed from then on', async () => {
    const { bodies, asset, memory, path } = await reading('one')
    await writeFile(path, 'x'.repeat(LARGEST))
    await bodies.identify(asset)
    expect(asset.large).toBe(false)
    const content = asset.content!
    memory.drop(content.identity)
    await writeFile(path, 'x'.repeat(LARGEST + 1))
    expect(await bodies.open(asset, content, content.identity)).toBeUndefined()
    expect(asset.large).toBe(true)
    expect(memory.bytes).toBe(0)
    expect(asset.content!.identity.length).toBe(LARGEST + 1)
  })

  it('of which a build has written a part is not there yet, if its name has a hash', async () => {
    const { bodies, asset, path } = await reading('whole', { immutable: true })
    await writeFile(path, 'who')
    await agesAgo(path)
    await expect(bodies.identify(asset)).rejects.toEqual(missing)
    await writeFile(path, 'WHOLE')
    expect((await bodies.identify(asset)).size).toBe(5)
  })

  it('of another name that is shorter is half written only while it is being written', async () => {
    const { bodies, asset, path } = await reading('whole')
    await writeFile(path, 'who')
    await justNow(path)
    await expect(bodies.identify(asset)).rejects.toEqual(missing)
    await agesAgo(path)
    expect((await bodies.identify(asset)).size).toBe(3)
  })

  it('in whose place there is a directory is missing', async () => {
    const { bodies, asset, path } = await reading('one')
    await rm(path)
    await expect(bodies.identify(asset)).rejects.toSatisfy(isMissing)
    await mkdir(path)
    await expect(bodies.identify(asset)).rejects.toSatisfy(isMissing)
  })
})

describe('a large file', () => {
  const LARGE = 'x'.repeat(LARGEST + 1)

  it('is opened anew each time, and is the one that was identified', async () => {
    const { bodies, asset, memory } = await reading(LARGE)
    const content = await bodies.identify(asset)
    const body = await bodies.open(asset, content, content.identity)
    expect(Buffer.isBuffer(body)).toBe(false)
    await (body as Exclude<typeof body, Buffer | undefined>).close()
    expect(memory.bytes).toBe(0)
  })

  it.each([
    ['longer', `${LARGE}x`, false],
    ['as long, and written at another time', LARGE.replace('x', 'y'), true],
  ])('that is %s by now is not opened for the old one', async (_, text, old) => {
    const { bodies, asset, path } = await reading(LARGE)
    const content = await bodies.identify(asset)
    await writeFile(path, text)
    if (old) await agesAgo(path)
    expect(await bodies.open(asset, content, content.identity)).toBeUndefined()
    expect(await openFilesOf(path)).toBe(0)
  })

  it('is closed when no request waits for it any more', async () => {
    const dir = await directory({ 'large.txt': LARGE })
    const { handle } = fileServer(dir, { cacheSize: 0 })
    for (let time = 0; time < 20; time++) {
      const req = Object.assign(new IncomingMessage(new Socket()), {
        method: 'GET',
        url: '/large.txt',
      })
      const res = new ServerResponse(req)
      handle(req, res, () => expect.unreachable())
      res.destroy()
    }
    await eventually(
      () => openFilesOf(dir),
      (count) => count === 0,
    )
  })
})

describe('a precompressed sibling', () => {
  const text = 'x'.repeat(50)

  it('that is there no more is offered no more', async () => {
    const { bodies, asset, path } = await reading(text, { siblings: { 'a.js.br': 'br' } })
    const content = await bodies.identify(asset)
    const [sibling] = content.encoded
    expect(sibling!.coding?.name).toBe('br')
    await rm(`${path}.br`)
    expect(await bodies.open(asset, content, sibling!)).toBeUndefined()
    expect(content.encoded).toEqual([])
  })

  it('of another size than it had is not sent', async () => {
    const { bodies, asset, path, memory } = await reading(text, { siblings: { 'a.js.br': 'br' } })
    const content = await bodies.identify(asset)
    const before = memory.bytes
    await writeFile(`${path}.br`, 'brotli')
    expect(await bodies.open(asset, content, content.encoded[0]!)).toBeUndefined()
    expect(memory.bytes).toBe(before)
  })
})

describe('an error of reading', () => {
  it.each([
    ['EACCES', 500, /its owner or mode/],
    ['EPERM', 500, /its owner or mode/],
    ['EMFILE', 503, /the process has as many files[\s\S]*ulimit -n/],
    ['ENFILE', 503, /the machine has as many files/],
    ['EIO', 500, /the disk or the network volume fails/],
    ['EWHATEVER', 500, /^(?!.*Likely cause)/s],
  ])('says what it means: %s', (code, status, says) => {
    const cause = Object.assign(new Error(`${code}: of the system`), { code })
    const error = unreadable('assets/a.js', '/dist/assets/a.js', cause)
    expect(error).toMatchObject({ code: 'ERR_ASSET_UNREADABLE', status, expose: false, cause })
    expect(error.message).toMatch(says)
    expect(error.message.split('\n').slice(0, 2)).toEqual([
      `The built file assets/a.js cannot be read: ${code}: of the system.`,
      '  Looked in: /dist/assets/a.js',
    ])
  })

  it.each([
    [undefined, false],
    [{}, false],
    [{ code: 'EACCES' }, false],
    [{ code: 'ENOENT' }, true],
    [{ code: 'ENOTDIR' }, true],
    [{ code: 'EISDIR' }, true],
    [{ code: 'ELOOP' }, true],
  ])('tells what is missing from what is broken: %j', (error, expected) => {
    expect(isMissing(error)).toBe(expected)
  })
})

/** How many descriptors of this process lead to a path, or below it. */
async function openFilesOf(path: string): Promise<number> {
  if (process.platform !== 'linux') return 0
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return links.filter((link) => link.startsWith(path)).length
}
