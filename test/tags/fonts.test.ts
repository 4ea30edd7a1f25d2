// Preloads of fonts: which an entry has, on every Vite, and what a browser is told of them.
import { get } from 'node:http'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import type { ConnectViteOptions } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { buildWith, removeBuilds, vites } from './builds.js'
import { elements, openPage, printerFor, printerOf } from './support.js'

afterAll(removeBuilds)

/** Too large to become a data URL. */
const font = (name: string) => name.repeat(5000)
const face = (family: string, ...files: string[]) =>
  `@font-face { font-family: ${family}; src: ${files.map((file) => `url(./${file})`).join()} }\n`
const files = {
  'package.json': '{ "type": "module" }',
  'src/main.js':
    "import './main.css'\nimport { shared } from './shared.js'\nshared('main')\nimport('./lazy.js')\n",
  'src/other.js': "import { shared } from './shared.js'\nshared('other')\n",
  'src/shared.js': "import './shared.css'\nexport const shared = (name) => console.log(name)\n",
  'src/lazy.js': "import './lazy.css'\nconsole.log('lazy')\n",
  'src/main.css': face('Main', 'main.woff2', 'main.woff', 'old.woff'),
  'src/shared.css': face('Shared', 'shared.woff2'),
  'src/lazy.css': face('Lazy', 'lazy.woff2'),
  'src/main.woff2': font('a'),
  'src/main.woff': font('b'),
  'src/old.woff': font('c'),
  'src/shared.woff2': font('d'),
  'src/lazy.woff2': font('e'),
}

const nameOf = (url: string) => url.replace(/-[\w-]{8}(?=\.)/, '')
const fontsOf = (html: string) =>
  elements(html).flatMap(({ attributes }) => (attributes.as === 'font' ? attributes.href! : []))

describe.each(vites)('fonts of a build by %s', (_, vite) => {
  const root = buildWith(vite, files, ['src/main.js', 'src/other.js'])
  const printer = async (options: ConnectViteOptions) => printerOf({ root: await root, ...options })

  it('are those of the entry and its imports, none twice and none that is loaded later', async () => {
    const { viteTags } = openPage(await printer({ fonts: true }))
    expect(fontsOf(viteTags('src/main.js')).map(nameOf)).toEqual([
      '/assets/main.woff2',
      '/assets/old.woff',
      '/assets/shared.woff2',
    ])
    expect(fontsOf(viteTags('src/other.js'))).toEqual([])
    expect(fontsOf((await printer({ fonts: true })).tags('src/other.js')).map(nameOf)).toEqual([
      '/assets/shared.woff2',
    ])
  })

  it('are those that a function chooses, by their path in the build', async () => {
    const seen: string[] = []
    const fonts = (file: string) => {
      seen.push(nameOf(file))
      return file.endsWith('.woff')
    }
    const names = fontsOf((await printer({ fonts })).tags('src/main.js')).map(nameOf)
    expect(names).toEqual(['/assets/main.woff', '/assets/old.woff'])
    expect(seen).toEqual([
      'assets/main.woff2',
      'assets/main.woff',
      'assets/old.woff',
      'assets/shared.woff2',
    ])
  })

  it('are not announced unless the option is set', async () => {
    expect((await printer({})).tags('src/main.js')).not.toContain('font')
  })
})

const manifest: Manifest = {
  'a.js': {
    file: 'a.js',
    isEntry: true,
    css: ['a.css'],
    imports: ['b.js'],
    assets: ['x y.woff2', 'logo.svg', 'c.ttf', 'd.otf', 'e.eot'],
  },
  'b.js': { file: 'b.js', assets: ['x y.woff2'] },
  'theme.css': { file: 'theme.css', isEntry: true, assets: ['t.woff2'] },
}

describe('a preload of a font', () => {
  const tags = (options: ConnectViteOptions = {}) =>
    printerFor(manifest, { fonts: true, ...options })

  it('has type and crossorigin, after the script and before the module preloads', () => {
    expect(tags().tags('a.js').split('\n')).toEqual([
      '<link rel="stylesheet" href="/a.css">',
      '<script type="module" src="/a.js"></script>',
      '<link rel="preload" as="font" type="font/woff2" href="/x%20y.woff2" crossorigin>',
      '<link rel="preload" as="font" type="font/ttf" href="/c.ttf" crossorigin>',
      '<link rel="preload" as="font" type="font/otf" href="/d.otf" crossorigin>',
      '<link rel="modulepreload" href="/b.js">',
    ])
  })

  it('comes with a stylesheet that is an entry, from a CDN, and with the page’s nonce', () => {
    const printer = tags({ base: 'https://cdn.test/', nonce: 'abc' })
    expect(printer.tags('theme.css')).toContain(
      '<link rel="preload" as="font" type="font/woff2" href="https://cdn.test/t.woff2" crossorigin nonce="abc">',
    )
  })

  it('asks without credentials whatever the option crossorigin says, as CSS does', () => {
    for (const crossorigin of ['use-credentials', false] as const)
      expect(tags({ crossorigin }).tags('theme.css')).toContain('href="/t.woff2" crossorigin>')
  })

  it.each([
    [{ only: 'preload' }, 1],
    [{ only: ['style', 'script'] }, 0],
    [{ preload: false }, 0],
    [{ preload: 'header' }, 0],
    [{ preload: 'both' }, 1],
    [{ attributes: { preload: { fetchpriority: 'low' } } }, 1],
    [{ attributes: ({ kind }: { kind: string }) => (kind === 'preload' ? false : {}) }, 0],
  ])('follows the options of a call: %j', (options, count) => {
    expect(fontsOf(tags().tags('theme.css', options as never))).toHaveLength(count)
  })

  it('does not bring the import map, which only scripts need', () => {
    const html = tags({ recover: true }).tags('theme.css')
    expect(html).not.toContain('<script')
  })

  it('is seen by the attributes function with its source', () => {
    const seen: unknown[] = []
    const attributes = (tag: { kind: string; url: string; src: string | undefined }) => {
      if (tag.url.endsWith('.woff2')) seen.push([tag.kind, tag.src])
      return {}
    }
    const withSource = { ...manifest, 'src/t.woff2': { file: 't.woff2', src: 'src/t.woff2' } }
    printerFor(withSource, { fonts: true, attributes }).tags('theme.css')
    expect(seen).toEqual([['preload', 'src/t.woff2']])
  })

  it('is in the Link header too, with type and crossorigin, once', () => {
    const { res, viteTags } = openPage(tags({ preload: 'both' }))
    viteTags('theme.css')
    viteTags('theme.css')
    expect(res.getHeader('Link')).toBe(
      '</theme.css>; rel=preload; as=style, </t.woff2>; rel=preload; as=font; type="font/woff2"; crossorigin',
    )
  })

  it('is in 103 Early Hints', async () => {
    const hint = tags().earlyHints('theme.css')
    const { url, close } = await listen((req, res) => hint(req, res, () => res.end()))
    onTestFinished(close)
    const hinted = await new Promise((resolve, reject) => {
      get(url, { headers: { 'sec-fetch-mode': 'navigate' } }, (res) => res.resume())
        .on('information', ({ headers }) => resolve(headers.link))
        .on('error', reject)
    })
    expect(hinted).toContain('</t.woff2>; rel=preload; as=font; type="font/woff2"; crossorigin')
  })
})
