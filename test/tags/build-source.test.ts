import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import { buildOnDisk, guide, printerFor, printerOf, summary } from './support.js'

describe('the example of the backend guide', () => {
  it.each([
    [
      'views/foo.js',
      `<link rel="stylesheet" href="/assets/foo-5UjPuW-k.css">
<link rel="stylesheet" href="/assets/shared-ChJ_j-JJ.css">
<script type="module" src="/assets/foo-BRBmoGS9.js"></script>
<link rel="modulepreload" href="/assets/shared-B7PI925R.js">`,
    ],
    [
      'views/bar.js',
      `<link rel="stylesheet" href="/assets/shared-ChJ_j-JJ.css">
<script type="module" src="/assets/bar-gkvgaI9m.js"></script>
<link rel="modulepreload" href="/assets/shared-B7PI925R.js">`,
    ],
  ])('prints %s as the guide does, with the base in front', (entry, html) => {
    expect(printerFor(guide).tags(entry)).toBe(html)
    expect(printerFor(guide, { base: 'https://cdn.test/x' }).tags(entry)).toBe(
      html
        .replaceAll('"/assets', '"https://cdn.test/x/assets')
        .replace(/((?:href|src)="[^"]*")/g, '$1 crossorigin="anonymous"'),
    )
  })
})

/** Chunks in short: an entry imports a, which imports b; each with CSS; and later loads l, which loads m. */
const chain: Manifest = {
  'e.js': { file: 'e.js', isEntry: true, imports: ['a'], css: ['e.css'], dynamicImports: ['l'] },
  'f.js': { file: 'f.js', isEntry: true, imports: ['b'], css: ['f.css'] },
  a: { file: 'a.js', imports: ['b', 'b'], css: ['a.css'] },
  b: { file: 'b.js', imports: ['a'], css: ['b.css'] },
  l: {
    file: 'l.js',
    isDynamicEntry: true,
    imports: ['a', 'n'],
    css: ['l.css'],
    dynamicImports: ['m'],
  },
  m: { file: 'm.js', isDynamicEntry: true, css: ['m.css'], dynamicImports: ['e.js'] },
  n: { file: 'n.js', css: ['n.css', 'e.css'] },
}

describe('tags of a build', () => {
  it('come in the order of the guide', () => {
    expect(summary(printerFor(chain).tags('e.js'))).toEqual([
      'style /e.css',
      'style /b.css',
      'style /a.css',
      'script /e.js',
      'preload /b.js',
      'preload /a.js',
    ])
  })

  it('come in the order of evaluation when the option says so', () => {
    expect(summary(printerFor(chain, { cssOrder: 'imports-first' }).tags('e.js'))).toEqual([
      'style /b.css',
      'style /a.css',
      'style /e.css',
      'script /e.js',
      'preload /b.js',
      'preload /a.js',
    ])
  })

  it('of several entries are styles, then scripts, then preloads, each once', () => {
    expect(summary(printerFor(chain).tags(['e.js', 'f.js', 'e.js']))).toEqual([
      'style /e.css',
      'style /b.css',
      'style /a.css',
      'style /f.css',
      'script /e.js',
      'script /f.js',
      'preload /b.js',
      'preload /a.js',
    ])
  })

  it('preload no entry that the same call prints', () => {
    const both: Manifest = {
      'a.js': { file: 'a.js', isEntry: true, imports: ['b.js'] },
      'b.js': { file: 'b.js', isEntry: true, imports: ['a.js'] },
    }
    expect(summary(printerFor(both).tags('a.js'))).toEqual(['script /a.js', 'preload /b.js'])
    expect(summary(printerFor(both).tags(['a.js', 'b.js']))).toEqual([
      'script /a.js',
      'script /b.js',
    ])
  })

  it('link a stylesheet that is an entry, after what it needs', () => {
    const manifest: Manifest = {
      'src/x.css': { file: 'x.css', isEntry: true, css: ['before.css'], imports: ['c'] },
      c: { file: 'c.js', css: ['c.css'] },
    }
    expect(summary(printerFor(manifest).tags('src/x.css'))).toEqual([
      'style /before.css',
      'style /c.css',
      'style /x.css',
      'preload /c.js',
    ])
  })

  it('load a stylesheet entry whose file is a script, as Vite 8 builds it in CommonJS packages', () => {
    const manifest: Manifest = {
      'src/style.css': { file: 'style.js', isEntry: true, css: ['style.css'] },
      'src/main.js': {
        file: 'main.js',
        isEntry: true,
        imports: ['src/style.css', 'src/style.css'],
      },
    }
    const printer = printerFor(manifest)
    expect(summary(printer.tags('src/style.css'))).toEqual(['style /style.css', 'script /style.js'])
    expect(summary(printer.tags('src/main.js'))).toEqual([
      'style /style.css',
      'script /main.js',
      'preload /style.js',
    ])
  })

  it('preload scripts alone, and link an imported stylesheet', () => {
    const manifest: Manifest = {
      'a.js': { file: 'a.js', isEntry: true, imports: ['x.css', 'y.svg'] },
      'x.css': { file: 'x.css' },
      'y.svg': { file: 'y.svg' },
    }
    expect(summary(printerFor(manifest).tags('a.js'))).toEqual(['style /x.css', 'script /a.js'])
  })

  it('encode names segment by segment, and leave alone what a browser leaves alone', () => {
    const manifest: Manifest = {
      'a.js': {
        file: 'ünï dir/a b#c?d%e.js',
        isEntry: true,
        css: ['@x/[y]&"\'<>.css', 'https:/x.css'],
      },
    }
    expect(printerFor(manifest).tags('a.js')).toBe(
      [
        '<link rel="stylesheet" href="/@x/%5By%5D&amp;%22&#39;%3C%3E.css">',
        '<link rel="stylesheet" href="/https:/x.css">',
        '<script type="module" src="/%C3%BCn%C3%AF%20dir/a%20b%23c%3Fd%25e.js"></script>',
      ].join('\n'),
    )
  })

  it('contain the one stylesheet of a build with cssCodeSplit: false', () => {
    const manifest: Manifest = {
      'a.js': { file: 'a.js', isEntry: true },
      'b.js': { file: 'b.js', isEntry: true },
      'style.css': { file: 'assets/style-12345678.css', src: 'style.css' },
    }
    expect(summary(printerFor(manifest).tags(['a.js', 'b.js']))).toEqual([
      'style /assets/style-12345678.css',
      'script /a.js',
      'script /b.js',
    ])
  })

  it('do not take a stylesheet that is imported dynamically for that one', () => {
    const manifest: Manifest = {
      'a.js': { file: 'a.js', isEntry: true, css: ['a.css'] },
      'style.css': { file: 'assets/style-12345678.css', src: 'style.css' },
    }
    expect(summary(printerFor(manifest).tags('a.js'))).toEqual(['style /a.css', 'script /a.js'])
  })

  it('follow what the plugin recorded', () => {
    const manifest: Manifest = {
      'a.js': { file: 'a.js', isEntry: true, imports: ['b'] },
      b: { file: 'b.js' },
      'style.css': { file: 'style.css' },
    }
    const recorded = (fields: object) =>
      printerOf({
        root: buildOnDisk(manifest, {
          'dist/.vite/connect-vite.json': JSON.stringify({ version: 1, outDir: 'dist', ...fields }),
        }),
      })
    expect(summary(recorded({ modulePreload: false, base: '/x/' }).tags('a.js'))).toEqual([
      'script /x/a.js',
    ])
    expect(summary(recorded({ cssCodeSplit: false }).tags('a.js'))).toEqual([
      'style /style.css',
      'script /a.js',
      'preload /b.js',
    ])
  })

  it('of an entry called __proto__ are its own', () => {
    const manifest = JSON.parse('{"__proto__":{"file":"p.js","isEntry":true}}')
    expect(summary(printerFor(manifest).tags('__proto__'))).toEqual(['script /p.js'])
  })

  it('do not take longer the larger the manifest is', () => {
    const big: Manifest = { ...guide }
    for (let index = 0; index < 20_000; index++)
      big[`x${index}.js`] = { file: `x${index}.js`, isEntry: true, name: `x${index}` }
    const printer = printerFor(big)
    expect(printer.tags('foo')).toBe(printerFor(guide).tags('foo'))
  })
})

describe('only', () => {
  it.each([
    ['style', ['style /e.css', 'style /b.css', 'style /a.css']],
    ['script', ['script /e.js']],
    ['preload', ['preload /b.js', 'preload /a.js']],
    [
      ['script', 'preload'],
      ['script /e.js', 'preload /b.js', 'preload /a.js'],
    ],
    [[], []],
  ] as const)('%j prints these kinds alone', (only, expected) => {
    expect(summary(printerFor(chain).tags('e.js', { only }))).toEqual(expected)
  })
})

describe('prefetch', () => {
  it('prints what dynamic imports can load, nested too, less what the page has, at the end', () => {
    expect(summary(printerFor(chain, { prefetch: true }).tags('e.js')).slice(6)).toEqual([
      'prefetch /l.js',
      'prefetch /l.css',
      'prefetch /n.js',
      'prefetch /n.css',
      'prefetch /m.js',
      'prefetch /m.css',
    ])
  })

  it('is decided by the call when the call says so', () => {
    const has = (html: string) => html.includes('prefetch')
    expect(has(printerFor(chain).tags('e.js', { prefetch: true }))).toBe(true)
    expect(has(printerFor(chain, { prefetch: true }).tags('e.js', { prefetch: false }))).toBe(false)
    expect(has(printerFor(chain, { prefetch: true }).tags('e.js', { only: 'style' }))).toBe(false)
  })
})
