// Deltas between two builds of a file, for clients that have the earlier one (RFC 9842).
import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { canEncodeDeltas, useAsDictionary } from '../../src/serve/dictionary-coding.js'
import type { FileServerSettings } from '../../src/serve/file-server.js'
import { ask, directory, fileServer, listen, served, type Tree, withOlder } from './support.js'

/** Text of about 300 kB in which no line is like another, as in a chunk of many modules. */
function chunk(change = ''): string {
  let seed = 1
  const lines = Array.from({ length: 6_000 }, (_, line) => {
    seed = (seed * 48271) % 2147483647
    return `function f${line}(a,b){return a*${seed}+b}`
  })
  lines[3_000] += change
  return lines.join('\n')
}

const OLD = 'assets/main-AAAA1111.js'
const NEW = 'assets/main-BBBB2222.js'
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest()
const offer = (text: string) => `:${sha256(text).toString('base64')}:`
const CHROMIUM = 'gzip, deflate, br, zstd, dcb, dcz'

function decode(body: Buffer, dictionary: string): string {
  expect(body.subarray(0, 8).toString('hex')).toBe('5e2a4d1820000000')
  expect(body.subarray(8, 40)).toEqual(sha256(dictionary))
  const { zstdDecompressSync } = zlib as unknown as {
    zstdDecompressSync(bytes: Buffer, options: object): Buffer
  }
  return zstdDecompressSync(body.subarray(40), { dictionary: Buffer.from(dictionary) }).toString()
}

async function deployed(
  newer: Tree = { [NEW]: chunk('+1') },
  older: Tree = { [OLD]: chunk() },
  options: Partial<FileServerSettings> = {},
) {
  const [current, before] = [await directory(newer), await directory(older)]
  const files = fileServer(current, {
    dictionaries: true,
    compress: true,
    files: withOlder(served(current), served(before)),
    ...options,
  })
  const port = await listen(files.handle)
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(port, path, { 'Accept-Encoding': CHROMIUM, ...headers }, method)
  /** Asks until the delta is there: it is made in the background. */
  const delta = (path = `/${NEW}`, dictionary = chunk()) =>
    vi.waitFor(async () => {
      const answer = await get(path, { 'Available-Dictionary': offer(dictionary) })
      expect(answer.headers['content-encoding']).toBe('dcz')
      return answer
    }, 20_000)
  return { files, get, delta }
}

describe('useAsDictionary', () => {
  it.each([
    ['/assets/main-AAAA1111.js', 'AAAA1111', 'match="/assets/main-*.js"'],
    ['/app/AAAA1111/main.AAAA1111.css', 'AAAA1111', 'match="/app/*/main.*.css"'],
    ['/a/(x)+{y}:z-AAAA1111.js', 'AAAA1111', 'match="/a/\\\\(x\\\\)\\\\+\\\\{y\\\\}\\\\:z-*.js"'],
    ['/a/*-AAAA1111.js', 'AAAA1111', 'match="/a/\\\\*-*.js"'],
  ])('of %s matches its later names', (path, hash, expected) => {
    expect(useAsDictionary(path, hash)).toBe(expected)
  })
})

describe.runIf(canEncodeDeltas())('a file server with an earlier build', () => {
  it('sends the difference to a client that has the earlier file', async () => {
    const { delta } = await deployed()
    const { status, headers, body } = await delta()
    expect(status).toBe(200)
    expect(body.length).toBeLessThan(200)
    expect(decode(body, chunk())).toBe(chunk('+1'))
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
      vary: 'Accept-Encoding, Available-Dictionary',
      'use-as-dictionary': 'match="/assets/main-*.js"',
      'content-length': String(body.length),
    })
  })

  it('has the difference ready before a visitor asks', async () => {
    const { files, get } = await deployed()
    await vi.waitFor(
      () => expect(files.bytesCached).toBeGreaterThan(chunk().length + chunk('+1').length),
      20_000,
    )
    const { headers } = await get(`/${NEW}`, { 'Available-Dictionary': offer(chunk()) })
    expect(headers['content-encoding']).toBe('dcz')
    expect(files.bytesSaved).toBeGreaterThan(50_000)
  })

  it('has an entity tag for each difference, under which a client may ask again', async () => {
    const { get, delta } = await deployed()
    const { headers } = await delta()
    const plain = await get(`/${NEW}`)
    expect(headers.etag).not.toBe(plain.headers.etag)
    // The content itself is the client's dictionary by then.
    const again = await get(`/${NEW}`, {
      'If-None-Match': headers.etag as string,
      'Available-Dictionary': offer(chunk('+1')),
    })
    expect(again).toMatchObject({ status: 304, headers: { etag: headers.etag } })
    expect(again.headers).not.toHaveProperty('content-encoding')
    const other = await get(`/${NEW}`, {
      'If-None-Match': (headers.etag as string).replace('"', '"x'),
    })
    expect(other.status).toBe(200)
  })

  it('answers HEAD with the headers of the difference', async () => {
    const { get, delta } = await deployed()
    const whole = await delta()
    const head = await get(`/${NEW}`, { 'Available-Dictionary': offer(chunk()) }, 'HEAD')
    expect(head.headers['content-length']).toBe(whole.headers['content-length'])
    expect(head.body).toHaveLength(0)
  })

  it.each([
    ['names no dictionary', {}],
    [
      'does not take dcz',
      { 'Available-Dictionary': offer(chunk()), 'Accept-Encoding': 'br, gzip' },
    ],
    ['takes anything', { 'Available-Dictionary': offer(chunk()), 'Accept-Encoding': '*' }],
    ['refuses dcz', { 'Available-Dictionary': offer(chunk()), 'Accept-Encoding': 'br, dcz;q=0' }],
    ['has another file', { 'Available-Dictionary': offer('another file') }],
    ['has the file already', { 'Available-Dictionary': offer(chunk('+1')) }],
    ['sends nonsense', { 'Available-Dictionary': 'main-AAAA1111.js' }],
  ])('sends the ordinary answer to a client that %s', async (_, headers) => {
    const { get, delta } = await deployed()
    await delta()
    const answer = await get(`/${NEW}`, headers as Record<string, string>)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-encoding']).not.toBe('dcz')
    expect(answer.headers.vary).toBe('Accept-Encoding, Available-Dictionary')
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it('cuts ranges from the plain bytes', async () => {
    const { get, delta } = await deployed()
    await delta()
    const { status, body } = await get(`/${NEW}`, {
      'Available-Dictionary': offer(chunk()),
      Range: 'bytes=0-9',
    })
    expect([status, body.toString()]).toEqual([206, chunk('+1').slice(0, 10)])
  })

  it('does not use a difference that saves little', async () => {
    const unlike = [...chunk()].reverse().join('')
    const { get } = await deployed({ [NEW]: unlike })
    for (let n = 0; n < 20; n++) {
      const { headers } = await get(`/${NEW}`, { 'Available-Dictionary': offer(chunk()) })
      expect(headers['content-encoding']).not.toBe('dcz')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

  it('does not offer files as dictionaries that have no hash, or are no text', async () => {
    const { get } = await deployed({
      'assets/main.js': chunk(),
      'assets/logo-AAAA1111.png': chunk(),
      'assets/logo-AAAA1111.svg': chunk(),
    })
    for (const path of [
      '/assets/main.js',
      '/assets/logo-AAAA1111.png',
      '/assets/logo-AAAA1111.svg',
    ]) {
      expect((await get(path)).headers).not.toHaveProperty('use-as-dictionary')
    }
  })

  it('works for stylesheets, and for names with a hash in a directory', async () => {
    const { delta } = await deployed(
      { 'assets/CCCC3333/a b-CCCC3333.css': chunk('+1') },
      { 'assets/DDDD4444/a b-DDDD4444.css': chunk() },
    )
    const { headers } = await delta('/assets/CCCC3333/a%20b-CCCC3333.css')
    expect(headers['use-as-dictionary']).toBe('match="/assets/*/a%20b-*.css"')
  })

  it('goes from build to build when the files are replaced', async () => {
    const { files, get, delta } = await deployed({ [NEW]: chunk('+1') }, {})
    await get(`/${NEW}`)
    const third = await directory({ 'assets/main-CCCC3333.js': chunk('+2') })
    files.replace({ base: '/', assetsDir: 'assets', files: served(third) })
    const { body } = await delta('/assets/main-CCCC3333.js', chunk('+1'))
    expect(decode(body, chunk('+1'))).toBe(chunk('+2'))
  })

  it('keeps a difference private, over the app’s own Cache-Control', async () => {
    const current = await directory({ [NEW]: chunk('+1') })
    const before = await directory({ [OLD]: chunk() })
    for (const way of ['before', 'setHeaders'] as const) {
      const say = (res: { setHeader(name: string, value: string): unknown }) =>
        res.setHeader('Cache-Control', 'public, max-age=60')
      const files = fileServer(current, {
        dictionaries: true,
        files: withOlder(served(current), served(before)),
        setHeaders: way === 'setHeaders' ? say : undefined,
      })
      const port = await listen(files.handle, (_req, res, next) => {
        if (way === 'before') say(res)
        next()
      })
      await vi.waitFor(async () => {
        const { headers } = await ask(port, `/${NEW}`, {
          'Accept-Encoding': CHROMIUM,
          'Available-Dictionary': offer(chunk()),
        })
        expect(headers['content-encoding']).toBe('dcz')
        expect(headers['cache-control']).toBe('private, max-age=31536000, immutable')
      }, 20_000)
      const plain = await ask(port, `/${NEW}`)
      expect(plain.headers['cache-control']).toBe('public, max-age=60')
    }
  })

  it('holds against clients that name a thousand dictionaries', async () => {
    const { files, get, delta } = await deployed(undefined, undefined, { compress: false })
    await delta()
    const before = files.bytesCached
    for (let n = 0; n < 1_000; n++) await get(`/${NEW}`, { 'Available-Dictionary': offer(`${n}`) })
    expect(files.bytesCached).toBe(before)
  })
})

it.runIf(!canEncodeDeltas())('offers no dictionaries where zlib cannot use them', async () => {
  const { get } = await deployed()
  const { headers } = await get(`/${NEW}`)
  expect(headers).not.toHaveProperty('use-as-dictionary')
  expect(headers.vary).toBe('Accept-Encoding')
})
