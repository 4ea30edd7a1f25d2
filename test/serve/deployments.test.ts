// Builds as they are deployed: CDNs, proxies, lost directories, old copies, server builds and pages inside.
import { writeFileSync } from 'node:fs'
import { rename, rm, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Handler, Response } from '../../src/http.js'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { lendPackages } from '../support/packages.js'
import { loadVite, viteAliases } from '../support/vites.js'
import { ask, directory, eventually, listen, log, type Tree, write } from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)
const CHUNKS = {
  'src/main.ts': { file: 'assets/main-BRBmoGS9.js', name: 'main', isEntry: true },
}
const BUILD: Tree = {
  '.vite/manifest.json': JSON.stringify(CHUNKS),
  'assets/main-BRBmoGS9.js': JS,
  'assets/font.woff2': 'a font without a hash',
  'robots.txt': 'User-agent: *\n',
}

async function serve(options: ConnectViteOptions, before?: Handler) {
  const logger = log()
  const vite = connectVite({ mode: 'production', logger, ...options })
  onTestFinished(() => vite.close())
  return { vite, port: await listen(vite, before), messages: logger.messages }
}

const set =
  (headers: Record<string, string>): Handler =>
  (_req, res, next) => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    next()
  }

describe('with a base on a CDN', () => {
  const base = 'https://cdn.test/'
  const FREE = {
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  }

  it.each(['/assets/main-BRBmoGS9.js', '/assets/font.woff2', '/robots.txt'])(
    'pages of the app may load %s, over the default of helmet',
    async (path) => {
      const outDir = await directory(BUILD)
      const helmet = set({ 'Cross-Origin-Resource-Policy': 'same-origin' })
      for (const options of [{}, { immutable: () => false }, { setHeaders: () => {} }]) {
        const { port } = await serve({ outDir, base, ...options }, helmet)
        expect((await ask(port, path)).headers).toMatchObject(FREE)
      }
    },
  )

  it('keeps what the app itself says of other origins', async () => {
    const own = {
      'access-control-allow-origin': 'https://app.test',
      'cross-origin-resource-policy': 'same-site',
    }
    const { port } = await serve({ outDir: await directory(BUILD), base }, set(own))
    expect((await ask(port, '/assets/font.woff2')).headers).toMatchObject(own)
  })

  it('says nothing of it for files that only pages of this origin load', async () => {
    const { port } = await serve({ outDir: await directory(BUILD) })
    const { headers } = await ask(port, '/assets/font.woff2')
    for (const name of Object.keys(FREE)) expect(headers).not.toHaveProperty(name)
  })
})

describe('names without a hash', () => {
  const FIXED = [
    'assets/dict-version2.json',
    'assets/messages-en-US-v1.json',
    'assets/lib-es2020v3.js',
    'assets/analyzer.js',
    'assets/tokenize.js',
  ]

  it.each(viteAliases)('are not sent for a year without the plugin: %s', async (alias) => {
    const root = await directory({
      'src/main.ts':
        "import './main.css'\nimport logo from './logo.png'\nimport url from './analyzer.js?worker&url'\nconsole.log(logo, url, new Worker(new URL('./tokenize.js', import.meta.url), { type: 'module' }))\nvoid import('./lazy.ts')",
      'src/main.css': 'body { background: url(./logo.png) }',
      'src/logo.png': 'x'.repeat(5000),
      'src/lazy.ts': "import './lazy.css'\nconsole.log('lazy')",
      'src/lazy.css': 'p { color: blue }',
      'src/lib.ts': "console.log('lib')",
      'src/analyzer.js': "postMessage('analyzer')",
      'src/tokenize.js': "postMessage('tokenize')",
    })
    lendPackages(root)
    const { build } = await loadVite(alias)
    await build({
      root,
      configFile: false,
      logLevel: 'silent',
      worker: {
        format: 'es',
        rollupOptions: { output: { entryFileNames: 'assets/[name].js' } },
      },
      build: { manifest: true, rollupOptions: { input: join(root, 'src/main.ts') } },
      plugins: [
        {
          name: 'fixed-names',
          buildStart() {
            const id = join(root, 'src/lib.ts')
            this.emitFile({ type: 'chunk', id, name: 'lib', fileName: 'assets/lib-es2020v3.js' })
          },
          generateBundle() {
            const asset = { type: 'asset', source: '{}' } as const
            this.emitFile({ ...asset, fileName: 'assets/dict-version2.json' })
            const fileName = 'assets/messages-en-US-v1.json'
            this.emitFile({ ...asset, name: 'messages.json', source: '{"a":1}', fileName })
          },
        },
      ],
    })
    const { port, vite } = await serve({ root })
    for (const file of FIXED) {
      const { status, headers } = await ask(port, `/${file}`)
      expect([status, headers['cache-control']]).toEqual([
        200,
        'public, max-age=0, must-revalidate',
      ])
    }
    const hashed = [...vite.tags('src/main.ts').matchAll(/(?:src|href)="([^"]+)"/g)]
    for (const path of [...hashed.map((match) => match[1]!), vite.asset('src/logo.png')]) {
      expect((await ask(port, path)).headers['cache-control'], path).toContain('immutable')
    }
  })
})

describe('the app’s own files below /assets/', () => {
  it.each(['/assets/own.txt', '/assets/42', '/assets/logo.png', '/assets/settings.json'])(
    '%s is answered by the app',
    async (path) => {
      const { port } = await serve({ outDir: await directory(BUILD) })
      expect((await ask(port, path)).status).toBe(299)
    },
  )

  it('a lost file of an earlier build is no page', async () => {
    const { port } = await serve({ outDir: await directory(BUILD) })
    for (const file of ['main-CKKKhCmz.js', 'main-5UjPuW-k.css', 'inter-B7PI925R.woff2']) {
      const { status, headers } = await ask(port, `/assets/${file}`)
      expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
    }
  })

  it('a hash of another length is known from the names that the plugin recorded', async () => {
    const file = 'assets/main-BRBmoGS9kvga.js'
    const outDir = await directory({
      '.vite/manifest.json': JSON.stringify({ 'src/main.ts': { file, isEntry: true } }),
      '.vite/connect-vite.json': JSON.stringify({ version: 1, hashed: [file] }),
      [file]: JS,
    })
    const { port } = await serve({ outDir })
    expect((await ask(port, '/assets/main-CKKKhCmzRDlj.js')).status).toBe(404)
    expect((await ask(port, '/assets/main-CKKKhCmzRDl.js')).status).toBe(299)
  })
})

describe('behind a proxy that strips the base', () => {
  it('serves files at the mount, while tags carry the base', async () => {
    const outDir = await directory({
      ...BUILD,
      '.vite/connect-vite.json': '{"version":1,"base":"/portal/","hashed":[]}',
    })
    const { port, vite } = await serve({ outDir, serveAt: 'mount' })
    expect(vite.tags('src/main.ts')).toContain('src="/portal/assets/main-BRBmoGS9.js"')
    expect((await ask(port, '/assets/main-BRBmoGS9.js')).text).toBe(JS)
    expect((await ask(port, '/assets/main-CKKKhCmz.js')).status).toBe(404)
    expect((await ask(port, '/portal/assets/main-BRBmoGS9.js')).status).toBe(299)
  })

  it('also where the app itself mounts the middleware', async () => {
    const { port } = await serve(
      { outDir: await directory(BUILD), base: '/portal/', serveAt: 'mount' },
      (req, _res, next) => {
        req.originalUrl = req.url
        req.url = req.url!.slice('/sub'.length)
        next()
      },
    )
    expect((await ask(port, '/sub/robots.txt')).status).toBe(200)
  })
})

describe('where .vite/ was lost on the way', () => {
  const { '.vite/manifest.json': manifest, ...files } = BUILD

  it('says that hidden directories are missing', async () => {
    const outDir = await directory(files)
    await expect(serve({ outDir })).rejects.toMatchObject({
      code: 'ERR_BUILD_NOT_FOUND',
      message: expect.stringMatching(/hidden directory \.vite\/[\s\S]*include-hidden-files/),
    })
  })

  it.each([
    [
      'a stylesheet',
      { 'assets/main-5UjPuW-k.css': 'p{background:url(/app/assets/logo-BuPIv-2h.svg)}' },
    ],
    ['a script', { 'assets/main-BRBmoGS9.js': 'const logo="/app/assets/logo-BuPIv-2h.svg"' }],
    ['a page', { 'index.html': '<script type="module" src="/app/assets/main-BRBmoGS9.js">' }],
    [
      'the code for dynamic imports',
      { 'assets/main-BRBmoGS9.js': 'l="modulepreload",u=function(e){return"/app/"+e}' },
    ],
  ])('warns of a base that only %s tells', async (_, more) => {
    const chunks = {
      'src/main.ts': {
        ...CHUNKS['src/main.ts'],
        css: ['assets/main-5UjPuW-k.css'],
        assets: ['assets/logo-BuPIv-2h.svg'],
      },
    }
    const outDir = await directory({
      ...files,
      'assets/main-5UjPuW-k.css': '',
      'assets/logo-BuPIv-2h.svg': '',
      'manifest.json': JSON.stringify(chunks),
      ...(more as Tree),
    })
    const lost = await serve({ outDir, manifest: 'manifest.json' })
    expect(lost.messages.join()).toMatch(/base: '\/app\/'[\s\S]*\.vite\//)
    const given = await serve({ outDir, manifest: 'manifest.json', base: '/app/' })
    expect(given.messages).toEqual([])
  })

  it('says nothing where the base is right', async () => {
    const outDir = await directory({ ...files, 'manifest.json': manifest! })
    expect((await serve({ outDir, manifest: 'manifest.json' })).messages).toEqual([])
  })
})

describe('compressed siblings', () => {
  it('may be older than a hashed file, as a checkout leaves them, but not than another', async () => {
    const outDir = await directory({
      ...BUILD,
      'assets/main-BRBmoGS9.js.br': brotliCompressSync(JS),
      'robots.txt': JS,
      'robots.txt.br': brotliCompressSync(JS),
    })
    for (const file of ['assets/main-BRBmoGS9.js.br', 'robots.txt.br'])
      await utimes(join(outDir, file), 1000, 1000)
    const { port } = await serve({ outDir, compress: false })
    const coding = async (path: string) =>
      (await ask(port, path, { 'Accept-Encoding': 'br' })).headers['content-encoding']
    expect(await coding('/assets/main-BRBmoGS9.js')).toBe('br')
    expect(await coding('/robots.txt')).toBeUndefined()
  })

  it('are made of a file of 10 MB too, within a quarter of cacheSize', async () => {
    const wasm = Buffer.alloc(10_000_000, 'wasm code ')
    const outDir = await directory({ ...BUILD, 'big.wasm': wasm, 'big.bin': wasm })
    const { port } = await serve({ outDir })
    const coding = async (path: string) =>
      (await ask(port, path, { 'Accept-Encoding': 'br' })).headers['content-encoding']
    await eventually(
      () => coding('/big.wasm'),
      (name) => name === 'br',
    )
    const small = await serve({ outDir, cacheSize: 36_000_000 })
    for (let round = 0; round < 3; round++) {
      const reply = await ask(small.port, '/big.wasm', { 'Accept-Encoding': 'br' })
      expect(reply.headers).not.toHaveProperty('content-encoding')
      expect(reply.headers).not.toHaveProperty('vary')
    }
  }, 60_000)

  it('are not made for a client that takes none', async () => {
    const outDir = await directory(BUILD)
    const { port, vite } = await serve({ outDir })
    await eventually(
      () => vite.info().bytesCached,
      (bytes) => bytes === JS.length,
    )
    for (const headers of [{}, { 'Accept-Encoding': 'identity' }, { 'Accept-Encoding': 'zstd' }]) {
      for (let round = 0; round < 3; round++) await ask(port, '/assets/main-BRBmoGS9.js', headers)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(vite.info().bytesCached).toBe(JS.length)
    await ask(port, '/assets/main-BRBmoGS9.js', { 'Accept-Encoding': 'gzip' })
    await eventually(
      () => vite.info().bytesCached,
      (bytes) => bytes > JS.length,
    )
  })
})

describe('behind compression()', () => {
  /** What `compression()` does to an answer that has no encoding yet and may be transformed. */
  const compression: Handler = (_req, res, next) => {
    const { writeHead, end } = res
    let compress = false
    Object.assign(res, {
      flush() {},
      writeHead(status: number, headers: Record<string, string>) {
        compress = !headers['Content-Encoding'] && !/no-transform/.test(headers['Cache-Control']!)
        if (!compress) return writeHead.call(res, status, headers)
        const { 'Content-Length': _, ...others } = headers
        return writeHead.call(res, status, { ...others, 'Content-Encoding': 'gzip' })
      },
      end: (body?: Buffer) => end.call(res, compress && body ? gzipSync(body) : body, 'utf8'),
    } satisfies Partial<Record<keyof Response | 'flush', unknown>>)
    next()
  }

  it('bytes that it compresses do not have the entity tag of the plain ones', async () => {
    const outDir = await directory(BUILD)
    const plain = await serve({ outDir, compress: false })
    const { etag } = (await ask(plain.port, '/assets/main-BRBmoGS9.js')).headers
    const behind = await serve({ outDir, compress: false }, compression)
    const reply = await ask(behind.port, '/assets/main-BRBmoGS9.js', { 'Accept-Encoding': 'gzip' })
    expect(reply.headers).toMatchObject({ 'content-encoding': 'gzip', etag: `W/${etag}` })
    const again = { 'If-None-Match': reply.headers.etag! }
    expect((await ask(behind.port, '/assets/main-BRBmoGS9.js', again)).status).toBe(304)
  })

  it('a part of the file stays a part of its plain bytes', async () => {
    const { port } = await serve({ outDir: await directory(BUILD), compress: false }, compression)
    const part = await ask(port, '/assets/main-BRBmoGS9.js', { Range: 'bytes=7-11' })
    expect([part.status, part.text]).toEqual([206, JS.slice(7, 12)])
  })
})

describe('files for servers', () => {
  const SERVER = "import { Readable } from 'node:stream'\nexport const secret = 1\n"

  it.each<[what: string, file: string, text: string, more?: Tree]>([
    [
      'a server build that package.json names',
      'backend/entry.js',
      'export const secret = 1',
      {
        'package.json':
          '{"scripts":{"build":"vite build && vite build --ssr src/entry.js --outDir dist/backend"}}',
      },
    ],
    ['a bundle that imports what only Node has', 'backend/entry.js', SERVER],
    [
      'a bundle that imports a renderer',
      'backend/entry.js',
      'import{renderToString as e}from"react-dom/server";export{e}',
    ],
    [
      'a bundle with the name of a server',
      'dir/entry-server.js',
      'const secret = 1;\nexport { secret };',
    ],
    [
      'other files of such a bundle',
      'server/assets/chunk.js',
      'const a = 1',
      { 'dist/server/entry.js': SERVER },
    ],
    [
      'an SSR manifest of any name',
      'meta/ssr.json',
      '{"src/App.vue":["/assets/main-BRBmoGS9.js"],"src/x.ts":[]}',
    ],
    ['another manifest', 'old-manifest.json', JSON.stringify(CHUNKS)],
  ])('%s is not public', async (_, file, text, more = {}) => {
    const build = Object.entries(BUILD).map(([name, content]) => [`dist/${name}`, content])
    const root = await directory({ ...Object.fromEntries(build), [`dist/${file}`]: text, ...more })
    const { port, vite } = await serve({ root })
    expect((await ask(port, `/${file}`)).status).toBe(299)
    expect(() => vite.asset(file)).toThrow(/ERR_ASSET|no asset/)
  })

  it.each([
    ['lib/three.module.js', 'const a = 1;\nexport { a };'],
    ['wasm/loader.js', 'if (typeof process === "object") { var fs = require("fs") }'],
    ['wasm/esm.mjs', 'const { createRequire } = await import("node:module")\nexport default 1'],
    ['data/images.json', '{"images":["/assets/main-BRBmoGS9.js"],"items":[]}'],
    ['manifest.json', '{"name":"App","icons":[{"src":"/icon.png"}]}'],
    ['server/readme.txt', 'text'],
  ])('%s of public/ is public', async (file, text) => {
    const { port } = await serve({ outDir: await directory({ ...BUILD, [file]: text }) })
    expect((await ask(port, `/${file}`)).text).toBe(text)
  })

  it.each(viteAliases)(
    'a server build inside, without a manifest and without the plugin: %s',
    async (alias) => {
      const root = await directory({
        'src/main.ts': 'console.log(1)',
        'src/entry-server.ts': "export const render = () => 'secret'",
        'public/robots.txt': '',
      })
      lendPackages(root)
      const { build } = await loadVite(alias)
      const common = { root, configFile: false, logLevel: 'silent' } as const
      await build({
        ...common,
        build: { manifest: true, rollupOptions: { input: join(root, 'src/main.ts') } },
      })
      const ssr = { ssr: 'src/entry-server.ts', outDir: 'dist/server' }
      await build({ ...common, build: ssr })
      const { port } = await serve({ root })
      for (const file of ['entry-server.js', 'entry-server.mjs'])
        expect((await ask(port, `/server/${file}`)).status).toBe(299)
      expect((await ask(port, '/robots.txt')).status).toBe(200)
    },
  )
})

describe('HTML entries of the build', () => {
  it.each(viteAliases)('are sent by page(), never as files: %s', async (alias) => {
    const root = await directory({
      'index.html': '<title>entry</title><script type="module" src="/src/main.ts"></script>',
      'pages/plain.html': '<title>without a script</title>',
      'src/main.ts': 'console.log(1)',
      'public/terms.html': '<title>public</title>',
    })
    lendPackages(root)
    const { build } = await loadVite(alias)
    const input = [join(root, 'index.html'), join(root, 'pages/plain.html')]
    await build({
      root,
      configFile: false,
      logLevel: 'silent',
      build: { manifest: true, rollupOptions: { input } },
    })
    const { port, vite } = await serve({ root })
    expect((await ask(port, '/index.html')).status).toBe(299)
    expect((await ask(port, '/pages/plain.html')).status).toBe(299)
    expect((await ask(port, '/terms.html')).text).toContain('public')
    expect(() => vite.asset('pages/plain.html')).toThrow()
    const page = await listen(vite.page('pages/plain.html'))
    expect((await ask(page, '/')).text).toContain('without a script')
  })
})

it('of several recorded builds the newest is served, and the log says which', async () => {
  const recorded = (outDir: string, text: string) => ({
    [`${outDir}/.vite/connect-vite.json`]: JSON.stringify({ version: 1, outDir, hashed: [] }),
    [`${outDir}/.vite/manifest.json`]: JSON.stringify(CHUNKS),
    [`${outDir}/assets/main-BRBmoGS9.js`]: text,
  })
  const root = await directory({ ...recorded('dist', 'old'), ...recorded('build', 'new') })
  await utimes(join(root, 'dist/.vite/connect-vite.json'), 1000, 1000)
  const { port, messages } = await serve({ root })
  expect((await ask(port, '/assets/main-BRBmoGS9.js')).text).toBe('new')
  expect(messages).toHaveLength(1)
  expect(messages[0]).toMatch(/build is the newest and is served, not .*dist\./)
})

describe('a directory of the build that becomes a link after the start', () => {
  it.each([
    ['read into memory', 64 * 1024 * 1024],
    ['streamed', 0],
  ])('is not followed, for files that are %s', async (_, cacheSize) => {
    const outside = await directory({ 'secret.txt': 'secret', 'sub/secret.txt': 'secret' })
    const outDir = await directory({
      ...BUILD,
      'docs/secret.txt': 'public',
      'deep/er/sub/secret.txt': 'public',
    })
    const { port } = await serve({ outDir, cacheSize })
    for (const [inner, target] of [
      ['docs', outside],
      ['deep/er', outside],
    ] as const) {
      await rename(join(outDir, inner), join(outDir, `${inner}.away`))
      await symlink(target, join(outDir, inner))
    }
    expect((await ask(port, '/docs/secret.txt')).status).toBe(299)
    expect((await ask(port, '/deep/er/sub/secret.txt')).status).toBe(299)
    await rm(join(outDir, 'docs'))
    await rename(join(outDir, 'docs.away'), join(outDir, 'docs'))
    expect((await ask(port, '/docs/secret.txt')).text).toBe('public')
  })

  it('above the build, a link that takes the place of a directory is no fault', async () => {
    const parent = await directory()
    await write(join(parent, 'app/dist'), BUILD)
    const { port } = await serve({ outDir: join(parent, 'app/dist'), cacheSize: 0 })
    await rename(join(parent, 'app'), join(parent, 'app-1'))
    await symlink('app-1', join(parent, 'app'))
    expect((await ask(port, '/robots.txt')).status).toBe(200)
  })
})

describe('watch', () => {
  it('sees a change between the loading of the build and the first look', async () => {
    const outDir = await directory(BUILD)
    const vite = connectVite({ mode: 'production', outDir, watch: true, logger: log() })
    onTestFinished(() => vite.close())
    // In the turn of the event loop that created it.
    writeFileSync(join(outDir, 'late.txt'), 'late')
    await eventually(
      () => vite.info().files,
      (files) => files === 4,
    )
  })

  it('reads the current build ahead, though earlier ones fill the memory', async () => {
    const body = (n: number) => Buffer.alloc(300_000, String(n % 10))
    const file = (n: number) => `assets/main-B${n}PI9x5R.js`
    const build = (n: number): Tree => ({
      '.vite/manifest.json': JSON.stringify({ 'src/main.ts': { file: file(n), name: 'main' } }),
      [file(n)]: body(n),
    })
    const outDir = await directory(build(0))
    const { port, vite } = await serve({ outDir, cacheSize: 1_000_000, compress: false })
    const cached = (bytes: number) =>
      eventually(
        () => vite.info().bytesCached,
        (now) => now === bytes,
      )
    await cached(300_000)
    for (let n = 1; n < 8; n++) {
      await rm(join(outDir, 'assets'), { recursive: true })
      await write(outDir, build(n))
      await vite.reload()
      await cached(Math.min(n + 1, 3) * 300_000)
      // Room was made by the oldest build, not by the current one.
      for (const held of [n, n - 1]) {
        expect((await ask(port, `/${file(held)}`)).body.equals(body(held))).toBe(true)
      }
    }
    await rm(join(outDir, 'assets'), { recursive: true })
    expect((await ask(port, `/${file(7)}`)).body.equals(body(7))).toBe(true)
  })
})
