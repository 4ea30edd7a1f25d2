// The asset server over HTTP: what is answered, with which headers, and what is left to the app.

import crypto from 'node:crypto'
import { writeFileSync } from 'node:fs'
import fsPromises, { rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { FileServerSettings } from '../../src/files/file-server.js'
import { createFileServer } from '../../src/files/file-server.js'
import type { Handler, Response } from '../../src/http.js'
import {
  ask,
  build,
  directory,
  eventually,
  FALLTHROUGH,
  fileServer,
  listen,
  log,
  raw,
  settings,
  spyOnBuiltin,
  type Tree,
  write,
} from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

async function serve(tree: Tree, options: Partial<FileServerSettings> = {}, before?: Handler) {
  const dir = await directory(tree)
  const files = fileServer(dir, options)
  return { dir, files, port: await listen(files.handle, before) }
}

/** Both ways a body can go: from memory, and streamed because nothing fits there. */
const WAYS = [
  { way: 'from memory', cacheSize: 64 * 1024 * 1024 },
  { way: 'streamed', cacheSize: 0 },
] as const

describe('what is served', () => {
  it('serves what the scan found, and leaves the rest to the app', async () => {
    const { port, files } = await serve({ 'index.html': '<p>', 'assets/a-12345678.js': JS })
    expect(files.files).toBe(2)
    expect(files.has('index.html')).toBe(true)
    expect(files.has('nope.html')).toBe(false)
    expect(await ask(port, '/index.html')).toMatchObject({ status: 200, text: '<p>' })
    expect(await ask(port, '/assets/a-12345678.js?v=1')).toMatchObject({ status: 200, text: JS })
    for (const path of ['/', '/index.html/', '/nope', '/assets', '/assets/', '/INDEX.html']) {
      expect(await ask(port, path), path).toMatchObject({ status: 299, text: FALLTHROUGH })
    }
  })

  it('leaves directories to the app, those of assets too', async () => {
    const { port } = await serve({ 'assets/fonts/a.woff2': 'x' })
    for (const path of ['/assets', '/assets/', '/assets/fonts', '/assets/fonts/']) {
      expect(await ask(port, path), path).toMatchObject({ status: 299 })
    }
  })

  it('answers a missing asset with a 404 that nobody keeps', async () => {
    const { port } = await serve({ 'a.txt': '' })
    const reply = await ask(port, '/assets/gone-12345678.js')
    expect(reply).toMatchObject({ status: 404, text: 'Not Found\n' })
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(await ask(port, '/assets/gone.js', {}, 'HEAD')).toMatchObject({ status: 404, text: '' })
    expect(await ask(port, '/assets/gone.js', {}, 'POST')).toMatchObject({ status: 299 })
  })

  it('keeps a 404 out of caches even where the app caches everything', async () => {
    const { port } = await serve({}, {}, (_req, res, next) => {
      res.setHeader('Cache-Control', 'public, max-age=600')
      next()
    })
    expect((await ask(port, '/assets/x.js')).headers['cache-control']).toBe('no-store')
  })

  it('leaves missing files to the app where there is no assets directory', async () => {
    const { port } = await serve({ 'a.js': '' }, { assetsDir: '' })
    expect(await ask(port, '/b.js')).toMatchObject({ status: 299 })
    expect(await ask(port, '/a.js')).toMatchObject({ status: 200 })
  })

  it.each(['static/built', '/static/built/', './static/built'])(
    'understands the assets directory %j',
    async (assetsDir) => {
      const { port } = await serve({}, { assetsDir })
      expect(await ask(port, '/static/built/x.js')).toMatchObject({ status: 404 })
      expect(await ask(port, '/static/x.js')).toMatchObject({ status: 299 })
    },
  )

  it('serves names with spaces, signs and other alphabets as browsers ask for them', async () => {
    const names = [
      'a b.txt',
      'a#b.txt',
      'a?b.txt',
      '100%.txt',
      '%41.txt',
      'ü/日本.txt',
      '__proto__',
    ]
    const { port } = await serve(Object.fromEntries(names.map((name) => [name, name])))
    for (const name of names) {
      const path = `/${name.split('/').map(encodeURIComponent).join('/')}`
      expect((await ask(port, path)).text, path).toBe(name)
      const lower = path.replace(/%../g, (hex) => hex.toLowerCase())
      expect((await ask(port, lower)).text, lower).toBe(name)
    }
    expect((await ask(port, '/100%.txt')).text).toBe('100%.txt')
    expect((await ask(port, '/%41.txt')).status).toBe(299)
  })

  it('serves nothing that is hidden, dotted or a compressed sibling by name', async () => {
    const { port } = await serve(
      {
        '.env': 'secret',
        '.vite/manifest.json': '{}',
        '.well-known/security.txt': 'ok',
        'server/entry.js': 'secret',
        'assets/a.js': JS,
        'assets/a.js.br': 'b',
      },
      {},
    )
    expect((await ask(port, '/.well-known/security.txt')).text).toBe('ok')
    for (const path of ['/.env', '/.vite/manifest.json', '/.well-known/', '/.well-known/.x']) {
      expect((await ask(port, path)).status, path).toBe(299)
    }
    expect((await ask(port, '/assets/a.js.br')).status).toBe(404)
  })

  it.each(['GET', 'HEAD'])('answers %s', async (method) => {
    const { port } = await serve({ 'a.txt': 'hello' })
    const reply = await ask(port, '/a.txt', {}, method)
    expect(reply).toMatchObject({ status: 200, text: method === 'GET' ? 'hello' : '' })
    expect(reply.headers['content-length']).toBe('5')
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'leaves %s to the app, even for a file',
    async (method) => {
      const { port } = await serve({ 'a.txt': 'hello' })
      expect(await ask(port, '/a.txt', {}, method)).toMatchObject({ status: 299 })
    },
  )

  it('takes absolute-form targets by their path', async () => {
    const { port } = await serve({ 'a.txt': 'hello' })
    expect((await ask(port, 'http://any.test/a.txt?x')).text).toBe('hello')
    expect((await ask(port, 'http://any.test')).status).toBe(299)
    expect((await ask(port, 'http://any.test/assets/x.js')).status).toBe(404)
  })

  it('serves an empty file', async () => {
    const { port } = await serve({ 'empty.txt': '' })
    const reply = await ask(port, '/empty.txt')
    expect(reply).toMatchObject({ status: 200, text: '' })
    expect(reply.headers['content-length']).toBe('0')
  })
})

describe('where files are served', () => {
  it.each([
    ['/', '/a.txt'],
    ['/app/', '/app/a.txt'],
    ['/app', '/app/a.txt'],
    ['https://cdn.test/x/', '/x/a.txt'],
    ['//cdn.test/x', '/x/a.txt'],
    ['/a b/', '/a%20b/a.txt'],
  ])('with the base %j, at %j', async (base, path) => {
    const { port } = await serve({ 'a.txt': 'hello' }, { base })
    expect((await ask(port, path)).text).toBe('hello')
    expect((await ask(port, `/other${path}`)).status).toBe(299)
    expect((await ask(port, path.replace('a.txt', 'assets/x'))).status).toBe(404)
    expect((await ask(port, '/assets/x')).status).toBe(base === '/' ? 404 : 299)
  })

  const mounted = (mount: string): Handler =>
    function mountLikeConnect(req, _res, next) {
      if (!req.url?.startsWith(`${mount}/`)) return next()
      req.originalUrl = req.url
      req.url = req.url.slice(mount.length)
      next()
    }

  it.each(['', './'])('with the base %j, below the mount path', async (base) => {
    const { port } = await serve({ 'assets/a.js': JS }, { base }, mounted('/sub'))
    expect((await ask(port, '/sub/assets/a.js')).text).toBe(JS)
    expect((await ask(port, '/sub/assets/b.js')).status).toBe(404)
  })

  it('with a fixed base, by the whole URL whatever the mount path', async () => {
    const { port } = await serve({ 'a.txt': 'hello' }, { base: '/sub/' }, mounted('/sub'))
    expect((await ask(port, '/sub/a.txt')).text).toBe('hello')
    expect((await ask(port, '/a.txt')).status).toBe(299)
  })
})

describe('headers', () => {
  it('lets immutable files be kept for a year, by anyone', async () => {
    const { port } = await serve({ 'assets/a-12345678.js': 'x' })
    expect((await ask(port, '/assets/a-12345678.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
    })
  })

  it('makes other files be asked for again', async () => {
    const { port } = await serve({ 'robots.txt': 'x' })
    const { headers } = await ask(port, '/robots.txt')
    expect(headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('vary')
  })

  it.each([
    [60, 60],
    [1.5, 1],
    [1e21, 2 ** 31],
  ])('has the maxAge %d on other files, as caches can read it', async (maxAge, seconds) => {
    const { port } = await serve({ 'robots.txt': 'x' }, { maxAge })
    const { headers } = await ask(port, '/robots.txt')
    expect(headers['cache-control']).toBe(`public, max-age=${seconds}, must-revalidate`)
  })

  it('adds to what the app has set, and overwrites none of it', async () => {
    const { port } = await serve(
      { 'assets/a-12345678.js': JS },
      { compress: true },
      (_, res, next) => {
        res.setHeader('Cache-Control', 'private')
        res.setHeader('Vary', 'Origin')
        res.setHeader('Access-Control-Allow-Origin', 'https://a.test')
        res.setHeader('Content-Security-Policy', "default-src 'self'")
        next()
      },
    )
    const { headers } = await ask(port, '/assets/a-12345678.js')
    expect(headers).toMatchObject({
      'cache-control': 'private',
      vary: 'Origin, Accept-Encoding',
      'access-control-allow-origin': 'https://a.test',
      'content-security-policy': "default-src 'self'",
    })
    const again = await ask(port, '/assets/a-12345678.js', { 'If-None-Match': headers.etag })
    expect(again.status).toBe(304)
    expect(again.headers).toMatchObject({
      'cache-control': 'private',
      vary: 'Origin, Accept-Encoding',
    })
  })

  it.each([
    ['Accept-Encoding', 'Accept-Encoding'],
    ['Origin, accept-encoding', 'Origin, accept-encoding'],
    ['*', '*'],
    [['Origin', 'Cookie'], 'Origin,Cookie, Accept-Encoding'],
  ])('does not repeat Accept-Encoding in a Vary of %j', async (before, vary) => {
    const { port } = await serve({ 'a.js': JS }, { compress: true }, (_, res, next) => {
      res.setHeader('Vary', before)
      next()
    })
    expect((await ask(port, '/a.js')).headers.vary).toBe(vary)
  })

  it('gives setHeaders the last word', async () => {
    const seen: unknown[] = []
    const setHeaders = (res: Response, file: string) => {
      seen.push(file, res.getHeader('Cache-Control'))
      res.setHeader('Cache-Control', 'no-cache')
      res.setHeader('X-File', file)
      res.removeHeader('Access-Control-Allow-Origin')
    }
    const { port } = await serve({ 'assets/a-12345678.js': 'x' }, { setHeaders })
    const { headers } = await ask(port, '/assets/a-12345678.js')
    expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'x-file': 'assets/a-12345678.js' })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(seen).toEqual(['assets/a-12345678.js', 'public, max-age=31536000, immutable'])
  })

  it.each(WAYS)(
    'hands an error of setHeaders to the app, without our headers ($way)',
    async ({ cacheSize }) => {
      const setHeaders = () => {
        throw new Error('hook failed')
      }
      const helmet: Handler = (_req, res, next) => {
        res.setHeader('X-Content-Type-Options', 'nosniff')
        next()
      }
      const { port } = await serve({ 'a.txt': 'hello' }, { setHeaders, cacheSize }, helmet)
      for (let round = 0; round < 2; round++) {
        const reply = await ask(port, '/a.txt')
        expect(reply).toMatchObject({ status: 500, text: 'Error: hook failed' })
        expect(reply.headers).not.toHaveProperty('etag')
        expect(reply.headers['x-content-type-options']).toBe('nosniff')
      }
    },
  )

  it('never says that a file is from the future, whatever the clock of its machine was', async () => {
    const dir = await directory({ 'a.txt': 'a' })
    const tomorrow = Date.now() / 1000 + 86_400
    await utimes(join(dir, 'a.txt'), tomorrow, tomorrow)
    const port = await listen(fileServer(dir).handle)
    const { headers } = await ask(port, '/a.txt')
    expect(Date.parse(headers['last-modified']!)).toBeLessThanOrEqual(Date.parse(headers.date!))
    const again = await ask(port, '/a.txt', { 'If-Modified-Since': headers['last-modified'] })
    expect(again.status).toBe(304)
  })

  it.each(WAYS)(
    'harms no response that the app has begun already ($way)',
    async ({ cacheSize }) => {
      const early: Handler = (_req, res, next) => {
        res.write('the app, ')
        next()
      }
      const { port } = await serve({ 'assets/a.js': JS }, { cacheSize }, early)
      for (const path of ['/assets/a.js', '/assets/a.js', '/assets/none.js', '/page']) {
        expect((await ask(port, path)).text, path).toBe('the app, the app')
      }
    },
  )

  it('has the same entity tags on every machine', async () => {
    const tags = []
    for (const age of [1000, 2000]) {
      const dir = await directory({ 'a.js': JS })
      await utimes(join(dir, 'a.js'), age, age)
      const port = await listen(fileServer(dir, { compress: true }).handle)
      const br = await eventually(
        () => ask(port, '/a.js', { 'Accept-Encoding': 'br' }),
        ({ headers }) => headers['content-encoding'] === 'br',
      )
      tags.push([(await ask(port, '/a.js')).headers.etag, br.headers.etag])
    }
    expect(tags[0]).toEqual(tags[1])
    expect(tags[0]![0]).not.toBe(tags[0]![1])
  })
})

describe.each(WAYS)('conditions and ranges, $way', ({ cacheSize }) => {
  const TEXT = '0123456789'
  const serveText = () => serve({ 'a.txt': TEXT }, { cacheSize })

  it('answers 304 with what a cache needs, and nothing of a body', async () => {
    const { port } = await serve({ 'assets/a-12345678.js': JS }, { cacheSize })
    const { headers } = await ask(port, '/assets/a-12345678.js')
    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(
        port,
        '/assets/a-12345678.js',
        { 'If-None-Match': headers.etag },
        method,
      )
      expect(reply).toMatchObject({ status: 304, text: '' })
      expect(reply.headers).toMatchObject({
        etag: headers.etag,
        'cache-control': headers['cache-control'],
      })
      expect(reply.headers).not.toHaveProperty('content-length')
      expect(reply.headers).not.toHaveProperty('content-type')
      expect(reply.headers).not.toHaveProperty('transfer-encoding')
    }
  })

  it('answers If-Modified-Since and the failing conditions', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const lastModified = headers['last-modified']!
    const status = async (conditions: Record<string, string>) =>
      (await ask(port, '/a.txt', conditions)).status
    expect(await status({ 'If-Modified-Since': lastModified })).toBe(304)
    expect(await status({ 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(200)
    expect(await status({ 'If-Match': '"x"' })).toBe(412)
    expect(await status({ 'If-Match': headers.etag! })).toBe(200)
    expect(await status({ 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412)
    expect(await status({ 'If-None-Match': '*' })).toBe(304)
  })

  it.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', TEXT, 'bytes 0-9/10'],
    ['bytes=5-999999999999999999999', '56789', 'bytes 5-9/10'],
  ])('sends the part %j', async (range, text, contentRange) => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: range })
    expect(reply).toMatchObject({ status: 206, text })
    expect(reply.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(text.length),
      'content-type': 'text/plain; charset=utf-8',
      etag: expect.any(String),
      'cache-control': expect.any(String),
    })
  })

  it.each(['bytes=5-3', 'bytes=abc', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'bytes=0-0,-1'])(
    'sends all of it for %j',
    async (range) => {
      const { port } = await serveText()
      const reply = await ask(port, '/a.txt', { Range: range })
      expect(reply).toMatchObject({ status: 200, text: TEXT })
      expect(reply.headers).not.toHaveProperty('content-range')
    },
  )

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('answers 416 to %j', async (range) => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: range })
    expect(reply.status).toBe(416)
    expect(reply.headers).toMatchObject({
      'content-range': 'bytes */10',
      'cache-control': 'no-store',
    })
  })

  it('cuts only what If-Range says is still the same', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const status = async (ifRange: string) =>
      (await ask(port, '/a.txt', { Range: 'bytes=0-1', 'If-Range': ifRange })).status
    expect(await status(headers.etag!)).toBe(206)
    expect(await status(headers['last-modified']!)).toBe(206)
    expect(await status('"x"')).toBe(200)
    expect(await status(`W/${headers.etag}`)).toBe(200)
    expect(await status('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(200)
  })

  it('looks at conditions before ranges', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const reply = await ask(port, '/a.txt', { Range: 'bytes=99-', 'If-None-Match': headers.etag })
    expect(reply.status).toBe(304)
  })

  it('ignores ranges on HEAD', async () => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: 'bytes=0-1' }, 'HEAD')
    expect(reply.status).toBe(200)
    expect(reply.headers['content-length']).toBe('10')
  })

  it('keeps a connection in step over all kinds of answers', async () => {
    const { port } = await serve({ 'a.txt': TEXT, 'b.txt': 'B' }, { cacheSize })
    const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`
    const received = await raw(
      port,
      get('/a.txt') +
        get('/a.txt', 'Range: bytes=1-2\r\n') +
        get('/a.txt', 'Range: bytes=99-\r\n') +
        get('/a.txt', 'If-None-Match: *\r\n') +
        get('/a.txt', 'If-Match: "x"\r\n') +
        get('/a.txt').replace('GET', 'HEAD') +
        get('/assets/x.js') +
        get('/b.txt', 'Connection: close\r\n'),
    )
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '206', '416', '304', '412', '200', '404', '200'])
    expect(received.endsWith('\r\n\r\nB')).toBe(true)
  })
})

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

  it('sends the smallest of what the client takes, whatever it prefers', async () => {
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

  it('sends a file that has no encodings whatever the client takes', async () => {
    const { port } = await serve({ 'a.png': 'x' })
    const reply = await ask(port, '/a.png', { 'Accept-Encoding': 'identity;q=0' })
    expect(reply.status).toBe(200)
    expect(reply.headers).not.toHaveProperty('vary')
  })

  it('cuts ranges from the plain bytes, whatever was negotiated', async () => {
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
    const { port } = await serve({ 'a.js': JS, 'a.js.gz': 'pretend' }, { compress: true })
    const gzip = await ask(port, '/a.js', { 'Accept-Encoding': 'gzip' })
    expect(gzip.text).toBe('pretend')
    const br = await eventually(
      () => ask(port, '/a.js', { 'Accept-Encoding': 'br' }),
      ({ headers }) => headers['content-encoding'] === 'br',
    )
    expect(brotliDecompressSync(br.body).toString()).toBe(JS)
  })

  it('is done again for a file that memory had to give up', async () => {
    const tree = { 'a.js': JS, 'b.txt': 'x'.repeat(JS.length + 200) }
    const { port } = await serve(tree, { compress: true, cacheSize: JS.length + 300 })
    const encoded = () =>
      eventually(
        () => ask(port, '/a.js', { 'Accept-Encoding': 'gzip' }),
        ({ headers }) => headers['content-encoding'] === 'gzip',
      )
    await encoded()
    await ask(port, '/b.txt') // pushes everything else out
    await ask(port, '/b.txt')
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

  it('reads hashed files ahead, so that deleting them hurts nobody', async () => {
    const { port, files, dir } = await serve({ 'assets/a-12345678.js': JS, 'b.txt': 'b' })
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes === JS.length,
    )
    await rm(dir, { recursive: true })
    expect((await ask(port, '/assets/a-12345678.js')).text).toBe(JS)
    expect((await ask(port, '/b.txt')).status).toBe(299)
  })

  it('lets go of everything on close()', async () => {
    const { port, files } = await serve({ 'a.txt': 'hello' })
    await ask(port, '/a.txt')
    files.close()
    files.close()
    expect(files).toMatchObject({ bytesCached: 0, files: 0 })
    expect((await ask(port, '/a.txt')).status).toBe(299)
    expect((await ask(port, '/assets/a.js')).status).toBe(299)
  })
})

describe('several builds', () => {
  it('serves the hashed files of older builds, and nothing else of them', async () => {
    const now = await directory({ 'index.html': 'new', 'assets/a-11111111.js': 'new' })
    const old = await directory({
      'index.html': 'old',
      'old.html': 'old',
      'assets/a-11111111.js': 'old',
      'assets/b-22222222.js': 'old',
    })
    const directories = [
      build(now),
      build(old, { hashedOnly: true }),
      build('/nowhere', { hashedOnly: true }),
    ]
    const port = await listen(fileServer(now, { directories }).handle)
    expect((await ask(port, '/index.html')).text).toBe('new')
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe('new')
    expect((await ask(port, '/assets/b-22222222.js')).text).toBe('old')
    expect((await ask(port, '/old.html')).status).toBe(299)
  })

  it('throws where the current build is not there', () => {
    expect(() => createFileServer(settings('/nowhere'))).toThrow(
      expect.objectContaining({ code: 'ERR_BUILD_NOT_FOUND' }),
    )
  })
})

describe('a rebuild in place', () => {
  const OLD = { 'assets/a-11111111.js': JS, 'index.html': 'old', 'same.txt': 'same' }
  const NEW = { 'assets/b-22222222.js': 'new', 'index.html': 'new!', 'same.txt': 'same' }

  async function rebuild(dir: string): Promise<void> {
    for (const name of ['assets', 'index.html', 'same.txt']) {
      await rm(join(dir, name), { recursive: true, force: true })
    }
    await write(dir, NEW)
  }

  it('is seen as a whole after replace(), and hashed files of the build before stay', async () => {
    const { port, dir, files } = await serve(OLD)
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes === JS.length,
    )
    await ask(port, '/index.html')
    await rebuild(dir)
    expect((await ask(port, '/index.html')).text).toBe('old')
    expect((await ask(port, '/assets/b-22222222.js')).status).toBe(404)

    files.replace(settings(dir))
    expect((await ask(port, '/index.html')).text).toBe('new!')
    expect((await ask(port, '/assets/b-22222222.js')).text).toBe('new')
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
    expect(files.files).toBe(3)

    files.replace(settings(dir))
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
  })

  it('keeps bodies and encodings of hashed files that were written anew', async () => {
    const { port, dir, files } = await serve(OLD, { compress: true })
    const br = () => ask(port, '/assets/a-11111111.js', { 'Accept-Encoding': 'br' })
    await eventually(br, ({ headers }) => headers['content-encoding'] === 'br')
    await eventually(
      () => ask(port, '/assets/a-11111111.js', { 'Accept-Encoding': 'gzip' }),
      ({ headers }) => headers['content-encoding'] === 'gzip',
    )
    const bytes = files.bytesCached
    await writeFile(join(dir, 'assets/a-11111111.js'), JS)
    files.replace(settings(dir))
    expect(files.bytesCached).toBe(bytes)
    expect((await br()).headers['content-encoding']).toBe('br')
  })

  it('gives up the bodies of other files that are gone', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'x'.repeat(100) })
    await ask(port, '/a.txt')
    expect(files.bytesCached).toBe(100)
    await rm(join(dir, 'a.txt'))
    files.replace(settings(dir))
    expect(files.bytesCached).toBe(0)
    expect((await ask(port, '/a.txt')).status).toBe(299)
  })

  it('changes nothing where the new build cannot be read', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'hello' })
    expect(() => files.replace(settings(join(dir, 'nowhere')))).toThrow()
    expect((await ask(port, '/a.txt')).text).toBe('hello')
  })

  it('does not serve a hashed file of which only a part is written', async () => {
    const dir = await directory({ 'assets/a-11111111.js': JS })
    const { handle } = fileServer(dir)
    // At once, so that it was not read ahead: the file on disk is all there is.
    writeFileSync(join(dir, 'assets/a-11111111.js'), JS.slice(0, 10))
    const port = await listen(handle)
    expect((await ask(port, '/assets/a-11111111.js')).status).toBe(404)
    await writeFile(join(dir, 'assets/a-11111111.js'), JS)
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
  })

  it('serves another file that got shorter once nobody is writing it', async () => {
    const { port, dir } = await serve({ 'a.txt': 'long text' })
    const path = join(dir, 'a.txt')
    await writeFile(path, 'short')
    const soon = Date.now() / 1000 + 60
    await utimes(path, soon, soon)
    expect((await ask(port, '/a.txt')).status).toBe(299)
    await utimes(path, 1000, 1000)
    expect((await ask(port, '/a.txt')).text).toBe('short')
  })

  it.skipIf(process.platform !== 'linux')(
    'serves no file that says another length than it has',
    async () => {
      const port = await listen(fileServer('/proc/sys/kernel/random').handle) // all of length 0
      expect((await ask(port, '/uuid')).status).toBe(299)
    },
  )

  it('never serves new bytes under the tag of the old ones', async () => {
    const { port, dir } = await serve({ 'a.txt': 'one', 'b.txt': 'bbbb' }, { cacheSize: 4 })
    const one = await ask(port, '/a.txt')
    await ask(port, '/b.txt') // pushes it out
    await writeFile(join(dir, 'a.txt'), 'two')
    const two = await ask(port, '/a.txt')
    expect(two.text).toBe('two')
    expect(two.headers.etag).not.toBe(one.headers.etag)
  })

  it('follows a link to the next release only with replace()', async () => {
    const parent = await directory({ '1/a.txt': 'one', '2/a.txt': 'two' })
    const current = join(parent, 'current')
    await symlink('1', current)
    const files = fileServer(current)
    const port = await listen(files.handle)
    await rm(current)
    await symlink('2', current)
    expect((await ask(port, '/a.txt')).text).toBe('one')
    files.replace(settings(current))
    expect((await ask(port, '/a.txt')).text).toBe('two')
  })

  it('warns of what it cannot serve, and goes on', async () => {
    const dir = await directory({ 'a.txt': 'hello' })
    await symlink('nowhere', join(dir, 'dangling'))
    const logger = log()
    const port = await listen(fileServer(dir, { logger }).handle)
    expect(logger.messages).toHaveLength(1)
    expect((await ask(port, '/a.txt')).text).toBe('hello')
  })
})
