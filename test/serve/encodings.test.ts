// Encodings: those that the build made, and those that are made in the background.
import fsPromises, { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ask, eventually, serve, spyOnBuiltin, WAYS } from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe('encodings', () => {
  const siblings = {
    'a.js': JS,
    'a.js.br': brotliCompressSync(JS),
    'a.js.zst': 'pretend zstd, longer than brotli'.repeat(10),
    'a.js.gz': 'pretend gzip, longer still'.repeat(30),
  }

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, zstd', 'zstd'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['*', 'br'],
    ['*;q=0, gzip', 'gzip'],
    ['xbr', undefined],
    ['identity;q=0, gzip', 'gzip'],
  ])('answers Accept-Encoding %j with %j', async (accept, encoding) => {
    const { port } = await serve(siblings)
    const headers = accept === undefined ? {} : { 'Accept-Encoding': accept }
    const reply = await ask(port, '/a.js', headers)
    expect(reply.status).toBe(200)
    expect(reply.headers['content-encoding']).toBe(encoding)
    expect(reply.headers.vary).toBe('Accept-Encoding')
    expect(reply.headers['content-length']).toBe(String(reply.body.length))
  })

  it('sends the smallest encoding that the client accepts, in any order of preference', async () => {
    const { port } = await serve({ 'a.js': JS, 'a.js.br': 'longer', 'a.js.gz': 'short' })
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br, gzip;q=0.1' })
    expect(reply.headers['content-encoding']).toBe('gzip')
  })

  it('answers 406 where every encoding is refused, and tells caches why', async () => {
    const { port } = await serve(siblings)
    for (const accept of ['identity;q=0', '*;q=0', 'identity;q=0, deflate']) {
      const reply = await ask(port, '/a.js', { 'Accept-Encoding': accept })
      expect(reply.status).toBe(406)
      expect(reply.headers).toMatchObject({ vary: 'Accept-Encoding', 'cache-control': 'no-store' })
    }
  })

  it('sends a file without encodings to every client', async () => {
    const { port } = await serve({ 'a.png': 'x' })
    const reply = await ask(port, '/a.png', { 'Accept-Encoding': 'identity;q=0' })
    expect(reply.status).toBe(200)
    expect(reply.headers).not.toHaveProperty('vary')
  })

  it('cuts ranges from the plain bytes, for every Accept-Encoding', async () => {
    const { port } = await serve(siblings)
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br', Range: 'bytes=0-5' })
    expect(reply).toMatchObject({ status: 206, text: 'export' })
    expect(reply.headers).not.toHaveProperty('content-encoding')
    const whole = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    const mixed = await ask(port, '/a.js', {
      'Accept-Encoding': 'br',
      Range: 'bytes=0-5',
      'If-Range': whole.headers.etag,
    })
    expect(mixed.status).toBe(200)
    expect(mixed.headers.etag).toBe(whole.headers.etag)
  })

  it('sends a whole encoding to a client that refuses plain bytes and asks for a range', async () => {
    const { port } = await serve(siblings)
    const reply = await ask(port, '/a.js', {
      'Accept-Encoding': 'br, identity;q=0',
      Range: 'bytes=0-5',
    })
    expect(reply.status).toBe(200)
    expect(brotliDecompressSync(reply.body).toString()).toBe(JS)
  })

  it.each(WAYS)(
    'has one tag per encoding, that validates this one alone ($way)',
    async ({ cacheSize }) => {
      const { port } = await serve(siblings, { cacheSize })
      const tags = new Map<string, string>()
      for (const encoding of ['identity', 'br', 'gzip', 'zstd']) {
        const { headers } = await ask(port, '/a.js', { 'Accept-Encoding': encoding })
        tags.set(encoding, headers.etag!)
      }
      expect(new Set(tags.values()).size).toBe(4)
      for (const [asked] of tags) {
        for (const [other, etag] of tags) {
          const headers = { 'Accept-Encoding': asked, 'If-None-Match': etag }
          const reply = await ask(port, '/a.js', headers)
          expect(reply.status, `${asked} ${other}`).toBe(asked === other ? 304 : 200)
          expect(reply.headers.vary).toBe('Accept-Encoding')
        }
      }
    },
  )

  it.each(WAYS)('sends the sibling byte for byte ($way)', async ({ cacheSize }) => {
    const { port } = await serve(siblings, { cacheSize })
    const { body } = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(brotliDecompressSync(body).toString()).toBe(JS)
  })

  it('does without a sibling that vanished or was cut short', async () => {
    const { port, dir } = await serve(siblings)
    await rm(join(dir, 'a.js.br'))
    await writeFile(join(dir, 'a.js.zst'), 'cut')
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br, zstd' })
    expect(reply).toMatchObject({ status: 200, text: JS })
    expect(reply.headers).not.toHaveProperty('content-encoding')
  })

  it('keeps a sibling in mind that cannot be opened for the moment', async () => {
    const { port } = await serve(siblings)
    const open = spyOnBuiltin(fsPromises, 'open')
    await ask(port, '/a.js')
    open.mockRejectedValueOnce(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
    expect((await ask(port, '/a.js', { 'Accept-Encoding': 'br' })).status).toBe(500)
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(reply.headers['content-encoding']).toBe('br')
  })

  it('does not send siblings of what the file was before', async () => {
    const { port, dir } = await serve(siblings)
    const changed = JS.replaceAll('42', '43')
    await writeFile(join(dir, 'a.js'), changed)
    const later = new Date(Date.now() + 5000)
    await utimes(join(dir, 'a.js'), later, later)
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(reply.text).toBe(changed)
  })

  it('does not send siblings where an older file was put back', async () => {
    const { port, dir } = await serve(siblings)
    await writeFile(join(dir, 'a.js'), JS.repeat(2))
    await utimes(join(dir, 'a.js'), 1000, 1000)
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(reply.text).toBe(JS.repeat(2))
  })
})

describe('compression in the background', () => {
  it('gives the first visitor plain bytes, and later ones what they take', async () => {
    const { port } = await serve({ 'a.js': JS }, { compress: true })
    const first = await ask(port, '/a.js', { 'Accept-Encoding': 'br, gzip' })
    expect(first.headers).not.toHaveProperty('content-encoding')
    expect(first.headers.vary).toBe('Accept-Encoding')
    for (const [encoding, decode] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const { body } = await eventually(
        () => ask(port, '/a.js', { 'Accept-Encoding': encoding }),
        ({ headers }) => headers['content-encoding'] === encoding,
      )
      expect(decode(body).toString()).toBe(JS)
    }
  })

  it.each([
    ['a type that is compressed already', 'a.png', JS],
    ['a small file', 'a.js', 'x'.repeat(1024)],
    ['a file that is too big for memory', 'a.js', 'x'.repeat(20_000)],
  ])('leaves %s alone', async (_, name, content) => {
    const { port, files } = await serve({ [name]: content }, { compress: true, cacheSize: 10_000 })
    await ask(port, `/${name}`, { 'Accept-Encoding': 'br' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const reply = await ask(port, `/${name}`, { 'Accept-Encoding': 'br' })
    expect(reply.headers).not.toHaveProperty('content-encoding')
    expect(reply.headers).not.toHaveProperty('vary')
    expect(files.bytesCached).toBe(content.length > 10_000 ? 0 : content.length)
  })

  it('keeps nothing that saves less than a twentieth', async () => {
    const noise = Buffer.from(Array.from({ length: 4096 }, () => Math.floor(Math.random() * 256)))
    const { port, files } = await serve({ 'a.js': noise, 'b.js': JS }, { compress: true })
    await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    await ask(port, '/b.js', { 'Accept-Encoding': 'gzip' })
    await eventually(
      () => ask(port, '/b.js', { 'Accept-Encoding': 'gzip' }),
      ({ headers }) => headers['content-encoding'] === 'gzip',
    )
    const reply = await ask(port, '/a.js', { 'Accept-Encoding': 'br, gzip' })
    expect(reply.headers).not.toHaveProperty('content-encoding')
    expect(files.bytesCached).toBeLessThan(4096 + JS.length + 2000)
  })

  it('adds what the build has not made', async () => {
    const { port, files } = await serve({ 'a.js': JS, 'a.js.gz': 'pretend' }, { compress: true })
    const gzip = await ask(port, '/a.js', { 'Accept-Encoding': 'gzip' })
    expect(gzip.text).toBe('pretend')
    const br = await eventually(
      () => ask(port, '/a.js', { 'Accept-Encoding': 'br' }),
      ({ headers }) => headers['content-encoding'] === 'br',
    )
    expect(brotliDecompressSync(br.body).toString()).toBe(JS)
    expect(files.bytesCached).toBe(JS.length + 'pretend'.length + br.body.length)
  })

  it('is done again for a file that memory had to give up', async () => {
    const tree = { 'a.js': JS, 'b.bin': Buffer.alloc(4 * JS.length) }
    const { port } = await serve(tree, { compress: true, cacheSize: 4 * JS.length })
    const encoded = () =>
      eventually(
        () => ask(port, '/a.js', { 'Accept-Encoding': 'gzip' }),
        ({ headers }) => headers['content-encoding'] === 'gzip',
      )
    await encoded()
    await ask(port, '/b.bin') // pushes everything else out
    await ask(port, '/b.bin')
    expect(gunzipSync((await encoded()).body).toString()).toBe(JS)
  })

  it('never happens where it is switched off', async () => {
    const { port, files } = await serve({ 'a.js': JS }, { compress: false })
    await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { headers } = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('vary')
    expect(files.bytesCached).toBe(JS.length)
  })
})
