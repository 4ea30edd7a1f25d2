// The asset server over HTTP: what it answers, and what it leaves to the app.
import { describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import { ask, FALLTHROUGH, serve } from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe('what is served', () => {
  it('serves what the scan found, and leaves the rest to the app', async () => {
    const { port, files } = await serve({ 'index.html': '<p>', 'assets/a-12345678.js': JS })
    expect(files.files).toBe(2)
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

  it('answers a missing asset with a 404 that no cache stores', async () => {
    const { port } = await serve({ 'a.txt': '' })
    const reply = await ask(port, '/assets/gone-12345678.js')
    expect(reply).toMatchObject({ status: 404, text: 'Not Found\n' })
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(await ask(port, '/assets/gone-12345678.js', {}, 'HEAD')).toMatchObject({
      status: 404,
      text: '',
    })
    expect(await ask(port, '/assets/gone-12345678.js', {}, 'POST')).toMatchObject({ status: 299 })
  })

  it('keeps a 404 out of caches even where the app caches everything', async () => {
    const { port } = await serve({}, {}, (_req, res, next) => {
      res.setHeader('Cache-Control', 'public, max-age=600')
      next()
    })
    expect((await ask(port, '/assets/x-12345678.js')).headers['cache-control']).toBe('no-store')
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
      expect(await ask(port, '/static/built/x-12345678.js')).toMatchObject({ status: 404 })
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
    expect((await ask(port, '/assets/a.js.br')).status).toBe(299)
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
    expect((await ask(port, 'http://any.test/assets/x-12345678.js')).status).toBe(404)
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
    expect((await ask(port, path.replace('a.txt', 'assets/x-12345678.js'))).status).toBe(404)
    expect((await ask(port, '/assets/x-12345678.js')).status).toBe(base === '/' ? 404 : 299)
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
    expect((await ask(port, '/sub/assets/b-12345678.js')).status).toBe(404)
  })

  it('with a fixed base, by the whole URL and not by the mount path', async () => {
    const { port } = await serve({ 'a.txt': 'hello' }, { base: '/sub/' }, mounted('/sub'))
    expect((await ask(port, '/sub/a.txt')).text).toBe('hello')
    expect((await ask(port, '/a.txt')).status).toBe(299)
  })
})
