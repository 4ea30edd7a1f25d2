import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import { buildWith, removeBuilds, vites } from './builds.js'
import { buildOnDisk, openPage, printerFor, printerOf, tempDirectory } from './support.js'

const manifest: Manifest = {
  'src/main.ts': { file: 'assets/main-12345678.js', isEntry: true },
  'src/logo.svg': { file: 'assets/logo-12345678.svg', src: 'src/same.svg' },
  // Named in `input`, and imported by src/main.ts too.
  'src/hero.svg': {
    file: 'assets/hero-12345678.js',
    isEntry: true,
    assets: ['assets/hero-87654321.svg'],
  },
  'src/ü b.png': { file: 'assets/ü b-12345678.png' },
}

describe('viteAsset', () => {
  const root = () =>
    buildOnDisk(manifest, { 'dist/robots.txt': 'x', 'dist/a b.txt': 'x', 'src/unused.png': 'x' })

  it.each([
    ['src/logo.svg', '/app/assets/logo-12345678.svg'],
    ['/src/logo.svg', '/app/assets/logo-12345678.svg'],
    ['./src/logo.svg', '/app/assets/logo-12345678.svg'],
    ['/app/src/logo.svg', '/app/assets/logo-12345678.svg'],
    ['src/logo.svg#icon', '/app/assets/logo-12345678.svg#icon'],
    ['src/logo.svg?x=1&y="', '/app/assets/logo-12345678.svg?x=1&y=%22'],
    ['src/same.svg', '/app/assets/logo-12345678.svg'],
    ['src/hero.svg', '/app/assets/hero-87654321.svg'],
    ['src/ü b.png', '/app/assets/%C3%BC%20b-12345678.png'],
    ['src/main.ts', '/app/assets/main-12345678.js'],
    ['robots.txt', '/app/robots.txt'],
    ['/robots.txt', '/app/robots.txt'],
    ['a b.txt', '/app/a%20b.txt'],
  ])('gives %s the URL %s', (path, url) => {
    expect(printerOf({ root: root(), base: '/app/' }).asset(path)).toBe(url)
  })

  it('works in templates', () => {
    expect(openPage(printerOf({ root: root() })).viteAsset('robots.txt')).toBe('/robots.txt')
  })

  it.each([
    'nope.png',
    '__proto__',
    'toString',
    '../package.json',
    '.vite/manifest.json',
    'x'.repeat(1e5),
    '\0',
    '?',
    '#',
  ])('does not find what is not there (%#)', (path) => {
    expect(() => printerOf({ root: root() }).asset(path)).toThrow(
      expect.objectContaining({ code: 'ERR_ASSET_NOT_FOUND', status: 500, expose: false }),
    )
  })

  it('tells a wrong name from a file that nothing imports', () => {
    const project = root()
    const printer = printerOf({ root: project })
    expect(() => printer.asset('src/logo.sgv')).toThrow(/Did you mean "src\/logo\.svg"/)
    expect(() => printer.asset('src/unused.png')).toThrow(
      /no script or stylesheet of the build imports it/,
    )
    expect(() => printer.asset('src/unused.png')).toThrow(join(project, 'dist'))
  })

  it('trusts the name of a public file that lives on a CDN', () => {
    const printer = printerFor(manifest, { base: 'https://cdn.test/' })
    expect(printer.asset('/robots.txt')).toBe('https://cdn.test/robots.txt')
    const here = printerOf({ root: root(), base: 'https://cdn.test/' })
    expect(here.asset('robots.txt')).toBe('https://cdn.test/robots.txt')
    expect(() => printerFor(manifest).asset('/robots.txt')).toThrow('no asset')
    expect(() => here.asset('nope.txt')).toThrow(
      expect.objectContaining({ code: 'ERR_ASSET_NOT_FOUND' }),
    )
  })
})

describe.each(vites)('a stylesheet that is imported with ?url, in a build by %s', (_, vite) => {
  const files = {
    'src/main.js':
      "import print from './print.css?url'\nimport nested from '../packages/shop/src/print.css?url'\nconsole.log(print, nested)\n",
    'src/print.css': '.print { color: red }\n',
    'packages/shop/src/print.css': '.shop { color: blue }\n',
  }
  const config = { build: { assetsInlineLimit: 0 } }
  const textOf = (root: string, url: string) => readFileSync(join(root, 'dist', url), 'utf8')
  afterAll(removeBuilds)

  it('has the URL that the script gets, on the machine that built it and on another one', async () => {
    const built = await buildWith(vite, files, ['src/main.js'], config)
    const moved = tempDirectory()
    cpSync(join(built, 'dist'), join(moved, 'dist'), { recursive: true })
    for (const root of [built, moved]) {
      const printer = printerOf({ root })
      expect(textOf(root, printer.asset('src/print.css'))).toContain('.print')
      expect(textOf(root, printer.asset('/packages/shop/src/print.css'))).toContain('.shop')
      expect(() => printer.asset('src/prints.css')).toThrow(/has no asset/)
    }
    expect(() => printerOf({ root: built }).asset('print.css')).toThrow(/has no asset/)
  })
})
