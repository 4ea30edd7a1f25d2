// What the options of connectVite() say about files, from the outside.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import type { Request, Response } from '../../src/http.js'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { ask, directory, eventually, listen, log, type Tree, write } from './support.js'

const JS = 'export const answer = 42\n'.repeat(200)
const manifest = { 'a.js': { file: 'assets/a-12345678.js', isEntry: true } }
const BUILD: Tree = {
  '.vite/manifest.json': JSON.stringify(manifest),
  'assets/a-12345678.js': JS,
  'robots.txt': 'User-agent: *\n',
}

async function serve(options: ConnectViteOptions) {
  const vite = connectVite({ mode: 'production', logger: log(), ...options })
  onTestFinished(() => vite.close())
  return { vite, port: await listen((req, res, next) => vite(req as Request, res, next)) }
}

it('setHeaders gets the response and the file, before anything is sent', async () => {
  const setHeaders = (res: Response, file: string) => {
    if (file.endsWith('.txt')) res.setHeader('X-Robots-Tag', 'noindex')
  }
  const { port } = await serve({ outDir: await directory(BUILD), setHeaders })
  expect((await ask(port, '/robots.txt')).headers['x-robots-tag']).toBe('noindex')
  const script = await ask(port, '/assets/a-12345678.js')
  expect(script.headers).not.toHaveProperty('x-robots-tag')
  expect(script.headers['content-length']).toBe(String(JS.length))
})

it('maxAge is for files that may change, immutable says which may not', async () => {
  const outDir = await directory({ ...BUILD, 'fonts/a.v1.woff2': 'x' })
  const asked: string[] = []
  const immutable = (file: string) => {
    asked.push(file)
    return file.startsWith('fonts/')
  }
  const { port } = await serve({ outDir, maxAge: 60, immutable })
  const lifetime = async (path: string) => (await ask(port, path)).headers['cache-control']
  expect(await lifetime('/robots.txt')).toBe('public, max-age=60, must-revalidate')
  expect(await lifetime('/assets/a-12345678.js')).toBe('public, max-age=60, must-revalidate')
  expect(await lifetime('/fonts/a.v1.woff2')).toBe('public, max-age=31536000, immutable')
  expect(asked.sort()).toEqual(['assets/a-12345678.js', 'fonts/a.v1.woff2', 'robots.txt'])
})

it('a name with a hash is nothing special where the manifest does not list it', async () => {
  const outDir = await directory({ ...BUILD, 'assets/b-12345678.js': 'x' })
  const { port } = await serve({ outDir })
  const lifetime = async (path: string) => (await ask(port, path)).headers['cache-control']
  expect(await lifetime('/assets/a-12345678.js')).toContain('immutable')
  expect(await lifetime('/assets/b-12345678.js')).toContain('must-revalidate')
})

it.each([
  ['https://cdn.test/static/', '/static/', 'https://cdn.test/static/'],
  ['//cdn.test/static', '/static/', '//cdn.test/static/'],
  ['https://cdn.test', '/', 'https://cdn.test/'],
  ['/app', '/app/', '/app/'],
  ['/schön & gut/', '/sch%C3%B6n%20&%20gut/', undefined],
])('with the base %j files are served below %j', async (base, path, url) => {
  const { port, vite } = await serve({ outDir: await directory(BUILD), base })
  if (url) expect(vite.asset('a.js')).toBe(`${url}assets/a-12345678.js`)
  expect((await ask(port, `${path}assets/a-12345678.js`)).text).toBe(JS)
  expect((await ask(port, `${path}assets/gone-87654321.js`)).status).toBe(404)
  expect((await ask(port, '/elsewhere/assets/a-12345678.js')).status).toBe(299)
})

it('hashed files of older builds go on being served, of the current one all', async () => {
  const root = await directory()
  const old = { 'a.js': { file: 'assets/a-87654321.js', isEntry: true } }
  await write(join(root, 'dist'), BUILD)
  await write(join(root, 'dist-previous'), {
    '.vite/manifest.json': JSON.stringify(old),
    'assets/a-87654321.js': 'old',
    'assets/a-12345678.js': 'not this one',
    'robots.txt': 'old',
    'old.html': 'old',
  })
  const { port, vite } = await serve({ root, outDir: ['dist', 'dist-previous', 'dist-gone'] })
  expect(vite.tags('a.js')).toContain('a-12345678')
  expect((await ask(port, '/assets/a-87654321.js')).text).toBe('old')
  expect((await ask(port, '/assets/a-87654321.js')).headers['cache-control']).toContain('immutable')
  expect((await ask(port, '/assets/a-12345678.js')).text).toBe(JS)
  expect((await ask(port, '/robots.txt')).text).toBe('User-agent: *\n')
  expect((await ask(port, '/old.html')).status).toBe(299)
  expect((await ask(port, '/.vite/manifest.json')).status).toBe(299)
})

it('a manifest object serves the files of its outDir', async () => {
  const { '.vite/manifest.json': _, ...files } = BUILD
  const { port, vite } = await serve({ manifest, outDir: await directory(files) })
  expect(vite.tags('a.js')).toContain('/assets/a-12345678.js')
  expect((await ask(port, '/assets/a-12345678.js')).text).toBe(JS)
})

it('a manifest object without an outDir serves nothing, and a lost asset is still a 404', async () => {
  const { port, vite } = await serve({ manifest, root: await directory() })
  expect(vite.tags('a.js')).toContain('/assets/a-12345678.js')
  expect((await ask(port, '/assets/a-12345678.js')).status).toBe(404)
  expect((await ask(port, '/page')).status).toBe(299)
})

it('a manifest by another name is not served, wherever it lies', async () => {
  const { '.vite/manifest.json': text, ...files } = BUILD
  const outDir = await directory({ ...files, 'meta/build.json': text! })
  const { port } = await serve({ outDir, manifest: 'meta/build.json' })
  expect((await ask(port, '/assets/a-12345678.js')).status).toBe(200)
  expect((await ask(port, '/meta/build.json')).status).toBe(299)
})

it('a server build inside outDir is not served', async () => {
  const outDir = await directory({
    ...BUILD,
    'server/.vite/manifest.json': '{}',
    'server/entry.js': 'secret',
  })
  const { port } = await serve({ outDir })
  expect((await ask(port, '/server/entry.js')).status).toBe(299)
})

it('compress: false makes no encodings, but sends those of the build', async () => {
  const outDir = await directory(BUILD)
  await mkdir(join(outDir, 'assets'), { recursive: true })
  await writeFile(join(outDir, 'page.css'), JS)
  await writeFile(join(outDir, 'page.css.br'), brotliCompressSync(JS))
  const headers = { 'Accept-Encoding': 'br, gzip' }
  const on = await serve({ outDir })
  await eventually(
    () => ask(on.port, '/assets/a-12345678.js', headers),
    (reply) => reply.headers['content-encoding'] === 'br',
  )
  const off = await serve({ outDir, compress: false })
  for (let round = 0; round < 3; round++) {
    const script = await ask(off.port, '/assets/a-12345678.js', headers)
    expect(script.headers).not.toHaveProperty('content-encoding')
    expect(script.headers).not.toHaveProperty('vary')
    const style = await ask(off.port, '/page.css', headers)
    expect(style.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' })
  }
})

it('cacheSize is the most that memory holds; 0 streams everything', async () => {
  const outDir = await directory({ ...BUILD, 'b.txt': 'b'.repeat(3000), 'c.txt': 'c'.repeat(3000) })
  const small = await serve({ outDir, cacheSize: 4000, compress: false })
  for (const path of ['/b.txt', '/c.txt', '/b.txt']) {
    expect((await ask(small.port, path)).body).toHaveLength(3000)
    expect(small.vite.info().bytesCached).toBeLessThanOrEqual(4000)
  }
  const none = await serve({ outDir, cacheSize: 0 })
  expect((await ask(none.port, '/assets/a-12345678.js')).text).toBe(JS)
  expect(none.vite.info().bytesCached).toBe(0)
})
