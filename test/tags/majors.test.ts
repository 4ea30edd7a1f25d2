import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Printer } from '../../src/tags/printer.js'
import { app, buildWith, removeBuilds, vites } from './builds.js'
import { elements, printerOf, summary } from './support.js'

afterAll(removeBuilds)

/** Names without their hashes, so that all majors can be compared. */
const plain = (html: string) =>
  summary(html).map((line) => line.replace(/-[\w-]{8}(?=\.\w+$)/, '-HASH'))

describe.each(vites)('a build by %s', (_, vite) => {
  let root: string
  let printer: Printer

  beforeAll(async () => {
    root = await buildWith(vite, app, ['views/foo.js', 'views/bar.js', 'src/theme.css'])
    printer = printerOf({ root })
  })

  it('has the tags of its scripts', () => {
    expect(plain(printer.tags('views/bar.js'))).toEqual([
      'style /assets/shared-HASH.css',
      'script /assets/bar-HASH.js',
      'preload /assets/shared-HASH.js',
    ])
    const foo = plain(printer.tags('foo'))
    expect(foo.slice(0, 3)).toEqual([
      'style /assets/foo-HASH.css',
      'style /assets/shared-HASH.css',
      'script /assets/foo-HASH.js',
    ])
    expect(foo.slice(3)).toContain('preload /assets/shared-HASH.js')
  })

  it('has the tag of its stylesheet', () => {
    expect(plain(printer.tags('/src/theme.css'))).toEqual(['style /assets/theme-HASH.css'])
  })

  it('has the prefetches of its dynamic import', () => {
    expect(plain(printer.tags('foo', { prefetch: true })).slice(-2)).toEqual([
      'prefetch /assets/lazy-HASH.js',
      'prefetch /assets/lazy-HASH.css',
    ])
  })

  it('has URLs of its assets', () => {
    expect(printer.asset('src/logo.svg')).toMatch(/^\/assets\/logo-[\w-]{8}\.svg$/)
    expect(printer.asset('robots.txt')).toBe('/robots.txt')
    expect(() => printer.asset('.vite/manifest.json')).toThrow(
      expect.objectContaining({ code: 'ERR_ASSET_NOT_FOUND' }),
    )
  })

  it('has only tags of files that exist', () => {
    const html = printer.tags(['foo', 'bar', 'src/theme.css', 'src/lazy.js'], { prefetch: true })
    for (const { attributes } of elements(html)) {
      const url = attributes.href ?? attributes.src!
      expect(existsSync(join(root, 'dist', url)), url).toBe(true)
    }
  })

  it('has hashes of the bytes on disk', async () => {
    const html = printerOf({ root, integrity: true }).tags(['foo', 'src/theme.css'], {
      page: false,
    })
    for (const { attributes } of elements(html)) {
      const bytes = readFileSync(join(root, 'dist', attributes.href ?? attributes.src!))
      const digest = Buffer.from(await crypto.subtle.digest('SHA-384', bytes)).toString('base64')
      expect(attributes).toMatchObject({ integrity: `sha384-${digest}`, crossorigin: 'anonymous' })
    }
  })

  it('prints its stylesheet inline, with addresses that are right on any page', () => {
    const html = printer.inline('src/theme.css')
    const [style] = elements(html)
    expect(style).toMatchObject({ name: 'style', attributes: {} })
    expect(style!.text).toContain(`url(${printer.asset('src/logo.svg')})`)
  })
})

describe.each(vites)('other builds by %s', (_, vite) => {
  it('with cssCodeSplit: false have one stylesheet', async () => {
    const root = await buildWith(vite, app, ['views/foo.js', 'views/bar.js'], {
      build: { cssCodeSplit: false },
    })
    const printer = printerOf({ root })
    expect(plain(printer.tags(['foo', 'bar']))[0]).toBe('style /assets/style-HASH.css')
    expect(
      summary(printer.tags(['foo', 'bar'])).filter((line) => line.startsWith('style')),
    ).toHaveLength(1)
  })

  it('with a relative base keep the addresses of an inline stylesheet', async () => {
    const root = await buildWith(vite, app, ['src/theme.css'], { base: './' })
    const printer = printerOf({ root, base: './' })
    const built = readFileSync(
      join(root, 'dist', elements(printer.tags('src/theme.css'))[0]!.attributes.href!),
      'utf8',
    )
    expect(built).toMatch(/url\(\.?\/?logo-/)
    expect(printer.inline('src/theme.css')).toContain(`url(${printer.asset('src/logo.svg')})`)
  })

  it('with HTML entries have the tags of their scripts', async () => {
    const files = {
      ...app,
      'index.html': '<!doctype html><script type="module" src="/views/foo.js"></script>',
    }
    const printer = printerOf({ root: await buildWith(vite, files, ['index.html']) })
    expect(plain(printer.tags('index.html')).slice(0, 2)).toEqual([
      'style /assets/index-HASH.css',
      'script /assets/index-HASH.js',
    ])
  })

  it('with names that need encoding have URLs that work', async () => {
    const files = { 'src/ünï page.js': 'console.log(1)', 'package.json': '{"type":"module"}' }
    const root = await buildWith(vite, files, ['src/ünï page.js'])
    const [script] = elements(printerOf({ root }).tags('src/ünï page.js'))
    expect(script!.attributes.src).toMatch(/^[\x21-\x7e]+$/)
    expect(existsSync(join(root, 'dist', decodeURIComponent(script!.attributes.src!)))).toBe(true)
  })
})

describe.each(vites)('unusual builds by %s', (_, vite) => {
  it('with entries outside of root find them by their way up', async () => {
    const files = {
      ...app,
      'client/main.js': "import '../lib/entry.js'\nconsole.log('main')\n",
      'lib/entry.js': "import './entry.css'\nconsole.log('lib')\n",
      'lib/entry.css': '.lib { color: red }\n',
    }
    const inClient: Pick<typeof vite, 'build'> = {
      build: (config) => vite.build({ ...config, root: join(config!.root!, 'client') }),
    }
    const top = await buildWith(inClient, files, ['client/main.js', 'lib/entry.js'])
    const printer = printerOf({ root: join(top, 'client') })
    for (const entry of ['../lib/entry.js', 'entry'])
      expect(plain(printer.tags(entry))).toEqual([
        'style /assets/entry-HASH.css',
        'script /assets/entry-HASH.js',
      ])
    expect(plain(printer.tags('main.js'))).toEqual([
      'style /assets/entry-HASH.css',
      'script /assets/main-HASH.js',
      'preload /assets/entry-HASH.js',
    ])
  })

  it('with names and places of their own have the tags of what is there', async () => {
    const root = await buildWith(vite, app, ['views/foo.js', 'src/theme.css'], {
      build: {
        assetsDir: '',
        rollupOptions: {
          output: {
            entryFileNames: 'js/[name].js',
            chunkFileNames: 'js/chunks/[name].js',
            assetFileNames: 'other/[name].[ext]',
          },
        },
      },
    })
    const printer = printerOf({ root, integrity: true })
    expect(summary(printer.tags(['foo', 'src/theme.css'], { prefetch: true }))).toEqual([
      'script importmap',
      'style /other/foo.css',
      'style /other/theme.css',
      'script /js/foo.js',
      'prefetch /js/chunks/lazy.js',
      'prefetch /other/lazy.css',
    ])
  })
})

describe('Vite 8', () => {
  const vite = vites[3]![1]

  it('in a CommonJS package builds a CSS entry as a script, and its CSS is linked all the same', async () => {
    const files = {
      'package.json': '{"type":"commonjs"}',
      'src/style.css': '.x { color: red }',
      'src/main.js': "import './style.css'\nconsole.log('main')",
    }
    const root = await buildWith(vite, files, ['src/main.js', 'src/style.css'])
    const printer = printerOf({ root })
    for (const entry of ['src/main.js', 'src/style.css'])
      expect(plain(printer.tags(entry)).filter((line) => line.startsWith('style'))).toEqual([
        'style /assets/style-HASH.css',
      ])
    expect(printer.inline('src/style.css')).toMatch(/^<style>\.x\s*\{/)
  })

  it.each(['/', '/static/', './', 'https://cdn.test/x/'])(
    'with chunkImportMap and the base %s has its map first, with absolute addresses and hashes',
    async (base) => {
      const root = await buildWith(vite, app, ['views/foo.js', 'views/bar.js'], {
        base,
        build: { chunkImportMap: true },
      })
      const printer = printerOf({ root, base, integrity: 'sha256', nonce: 'abc' })
      const [meta, map, ...rest] = elements(printer.tags('foo'))
      expect(meta!.name).toBe('meta')
      expect(map!.attributes).toEqual({ type: 'importmap', nonce: 'abc' })
      const { imports, integrity } = JSON.parse(map!.text) as Record<string, Record<string, string>>
      const prefix = base === './' ? '/' : base
      for (const address of [...Object.entries(imports!).flat(), ...Object.keys(integrity!)])
        expect(address.startsWith(`${prefix}assets/`), address).toBe(true)
      const lazy = printer.asset('src/lazy.js')
      expect(Object.keys(integrity!)).toContain(lazy)
      expect(rest.map(({ name }) => name)).toContain('script')
      expect(printer.tags('foo', { only: 'style' })).not.toContain('importmap')
    },
  )
})
