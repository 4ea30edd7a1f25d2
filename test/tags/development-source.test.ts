import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveSettings } from '../../src/options/resolve.js'
import type { ConnectViteOptions } from '../../src/options/types.js'
import {
  createDevelopmentTagSource,
  type DevelopmentHost,
} from '../../src/tags/development-source.js'
import { createPrinter } from '../../src/tags/printer.js'
import type { Tag } from '../../src/tags/types.js'
import { baseOf } from '../../src/urls.js'
import { elements, openPage, summary, tempDirectory } from './support.js'

const files = [
  'src/main.ts',
  'src/other.ts',
  'src/style.scss',
  'app/odd.ts',
  '../lib/entry.ts',
  'a b#c.ts',
]

const client: Tag = {
  name: 'script',
  attributes: { type: 'module', src: '/@vite/client' },
  nonce: true,
  kind: 'page',
  key: 'page script /@vite/client',
}

function develop(host: Partial<DevelopmentHost> = {}, options: ConnectViteOptions = {}) {
  const settings = resolveSettings({ root: '/project', ...options, mode: 'development' })
  const source = createDevelopmentTagSource(
    {
      stable: false,
      base: () => baseOf(options.base ?? '/'),
      head: () => [client],
      stylesheets: () => [],
      exists: (path) => files.includes(path),
      ...host,
    },
    settings,
  )
  return createPrinter(() => source, settings)
}

/** As the stub sets it up: nothing but the entries, and every file is taken as there. */
const stub = (options: ConnectViteOptions = {}) =>
  develop({ stable: true, head: () => [], exists: () => true }, options)

describe('development', () => {
  it("prints Vite's own tags, then the entry", () => {
    expect(develop().tags('src/main.ts')).toBe(
      `<script type="module" src="/@vite/client"></script>
<script type="module" src="/src/main.ts"></script>`,
    )
  })

  it("prints Vite's own tags with every call that prints a style or a script", () => {
    const { viteTags } = openPage(develop())
    expect(summary(viteTags('src/style.scss', { only: 'style' }))).toEqual([
      'script /@vite/client',
      'style /src/style.scss',
    ])
    expect(summary(viteTags(['src/main.ts', 'src/other.ts']))).toEqual([
      'script /@vite/client',
      'script /src/main.ts',
      'script /src/other.ts',
    ])
    expect(viteTags('src/main.ts')).toBe('')
  })

  it("prints Vite's own tags where a call asks for them, and never where it says no", () => {
    const { viteTags } = openPage(develop())
    expect(summary(viteTags('src/main.ts', { page: false }))).toEqual(['script /src/main.ts'])
    expect(summary(viteTags('src/main.ts', { page: true }))).toEqual(['script /@vite/client'])
    expect(summary(viteTags([], { page: true }))).toEqual(['script /@vite/client'])
  })

  it.each([
    ['/src/main.ts', '/', '/src/main.ts'],
    ['./src/main.ts', '/', '/src/main.ts'],
    ['/app/src/main.ts', '/app/', '/app/src/main.ts'],
    ['app/odd.ts', '/app/', '/app/app/odd.ts'],
    ['src/main.ts?x=1&y', '/', '/src/main.ts?x=1&y'],
    ['a b#c.ts', '/', '/a%20b%23c.ts'],
    ['../lib/entry.ts', '/app/', '/app/@fs/lib/entry.ts'],
    ['virtual:app', '/app/', '/app/@id/virtual:app'],
    ['src/main.ts', 'http://localhost:5173/', 'http://localhost:5173/src/main.ts'],
  ])('prints %s under %s as %s', (entry, base, url) => {
    const html = develop({ head: () => [] }, { base }).tags(entry)
    expect(elements(html)[0]!.attributes.src).toBe(url)
  })

  it.each(['css', 'scss', 'sass', 'less', 'styl', 'stylus', 'pcss', 'postcss', 'sss'])(
    'links a stylesheet in %s',
    (extension) => {
      const html = stub().tags([`a.${extension}`, `b.${extension}?theme=dark`])
      expect(html).toBe(
        `<link rel="stylesheet" href="/a.${extension}">\n<link rel="stylesheet" href="/b.${extension}?theme=dark">`,
      )
    },
  )

  it.each(['a.css.ts', 'css', 'a.ts?x=.css', 'a.cssx'])('loads %s as a script', (entry) => {
    expect(stub().tags(entry)).toContain('<script type="module"')
  })

  it('prints the CSS that entries reach as elements that Vite’s client adopts, before the script', () => {
    const stylesheets = (entry: string) => [
      { url: `/src/${entry.length}.css`, id: '/project/src/a"b.css', css: `.n${entry.length} {}` },
      {
        url: '/src/shared.css',
        id: '/project/src/shared.css',
        css: 'i::after { content: "</style>" }',
      },
    ]
    const html = develop({ head: () => [], stylesheets }).tags(['src/main.ts', 'src/other.ts'])
    expect(html).toBe(`<style data-vite-dev-id="/project/src/a&quot;b.css">.n11 {}</style>
<style data-vite-dev-id="/project/src/shared.css">i::after { content: "<\\/style>" }</style>
<script type="module" src="/src/main.ts"></script>
<style data-vite-dev-id="/project/src/a&quot;b.css">.n12 {}</style>
<script type="module" src="/src/other.ts"></script>`)
  })

  it('gives those elements the nonce and the attributes of stylesheets', () => {
    const stylesheets = () => [{ url: '/src/a.css', id: 'a', css: 'a {}' }]
    const { viteTags } = openPage(develop({ head: () => [], stylesheets }), {
      locals: { cspNonce: 'abc' },
    })
    expect(viteTags('src/main.ts', { attributes: { style: { media: 'print' } } })).toContain(
      '<style data-vite-dev-id="a" media="print" nonce="abc">a {}</style>',
    )
  })

  it('asks anew each time, since the module graph changes', () => {
    let known = 0
    const stylesheets = () =>
      Array.from({ length: known }, (_, index) => ({
        url: `/${index}.css`,
        id: `${index}`,
        css: '',
      }))
    const printer = develop({ head: () => [], stylesheets })
    expect(summary(printer.tags('src/main.ts'))).toHaveLength(1)
    known = 2
    expect(summary(printer.tags('src/main.ts'))).toHaveLength(3)
  })

  it('puts the nonce on all of it', () => {
    const { viteTags } = openPage(develop(), { locals: { cspNonce: 'abc' } })
    const found = elements(viteTags('src/main.ts'))
    expect(found.map(({ name }) => name)).toEqual(['meta', 'script', 'script'])
    expect(found.every(({ attributes }) => attributes.nonce === 'abc')).toBe(true)
  })

  it("replaces a nonce of the user's vite.config by the page's", () => {
    const head: Tag[] = [
      {
        name: 'meta',
        attributes: { property: 'csp-nonce', nonce: 'fixed' },
        kind: 'page',
        key: 'x',
      },
      { ...client, attributes: { ...client.attributes, nonce: 'fixed' } },
    ]
    const printer = develop({ head: () => head })
    const page = openPage(printer, { locals: { cspNonce: 'abc' } })
    expect(
      elements(page.viteTags('src/main.ts')).map(({ attributes }) => attributes.nonce),
    ).toEqual(['abc', 'abc', 'abc'])
    expect(elements(printer.tags('src/main.ts')).map(({ attributes }) => attributes.nonce)).toEqual(
      ['fixed', 'fixed', undefined],
    )
  })

  it("lays the user's attributes over the entries' tags, not over Vite's", () => {
    const html = develop({}, { attributes: { script: { defer: true } } }).tags('src/main.ts')
    expect(elements(html).map(({ attributes }) => attributes.defer)).toEqual([undefined, ''])
  })

  it('says what is wrong when a file does not exist', () => {
    const root = tempDirectory({ 'src/main.ts': '' })
    const printer = develop({ exists: () => false }, { root })
    expect(() => printer.tags('src/mian.ts')).toThrow(
      expect.objectContaining({
        code: 'ERR_ENTRY_NOT_FOUND',
        status: 500,
        expose: false,
        message: expect.stringMatching(/"src\/mian\.ts".*Did you mean "src\/main\.ts"\?/),
      }),
    )
    for (const odd of ['__proto__', '\0', 'x'.repeat(1e5), '/', './', 'no/such/directory/x.ts'])
      expect(() => printer.tags(odd)).toThrow(
        expect.objectContaining({ code: 'ERR_ENTRY_NOT_FOUND' }),
      )
  })

  it('says that a page is no entry, since no script element could load it', () => {
    expect(() => develop({ exists: () => true }).tags('index.html')).toThrow(
      expect.objectContaining({
        code: 'ERR_ENTRY_NOT_FOUND',
        message: expect.stringMatching(/"index\.html" is an HTML page.*page\(\)/s),
      }),
    )
  })

  it('gives the URL of an asset', () => {
    expect(develop({}, { base: '/app/' }).asset('/src/logo.svg')).toBe('/app/src/logo.svg')
  })

  it.each([
    ['a b#c.ts', '/a%20b%23c.ts'],
    ['src/sprite.svg#icon', '/src/sprite.svg#icon'],
    ['public.svg#icon', '/public.svg#icon'],
    ['src/main.ts?x=a b#y', '/src/main.ts?x=a%20b#y'],
  ])('gives the URL of the asset %s as %s', (path, url) => {
    expect(develop().asset(path)).toBe(url)
  })

  it('prints the ordinary tags for inline', () => {
    const printer = develop()
    expect(printer.inline('src/main.ts')).toBe(printer.tags('src/main.ts'))
  })
})

describe('stub', () => {
  it('prints the entries alone, wherever they are', () => {
    expect(stub({ base: '/app' }).tags(['nowhere.ts', '/app/x.css'])).toBe(
      `<script type="module" src="/app/nowhere.ts"></script>
<link rel="stylesheet" href="/app/x.css">`,
    )
  })

  it.each([
    '"><script>alert(1)</script>.ts',
    'a.ts?"><script>alert(1)</script>',
    'virtual:"><script>',
    "a.css'><img src=x onerror=alert(1)>.css",
    '//evil.test/a.ts',
    'https://evil.test/a.ts',
    'a.ts\r\nSet-Cookie: x',
  ])('names a file of this app and nothing else for %j', (entry) => {
    const printer = stub({ base: '/' })
    const found = elements(printer.tags(entry))
    expect(found).toHaveLength(1)
    const { attributes, text } = found[0]!
    expect(text).toBe('')
    expect(attributes.src ?? attributes.href).toMatch(/^\/[^/\s"<>][^\s"<>]*$/)
    expect(printer.asset(entry)).toMatch(/^\/[^/\s"<>][^\s"<>]*$/)
    expect(Object.keys(attributes)).toHaveLength(2)
  })

  it('knows nonce and attributes', () => {
    const html = stub({ nonce: 'abc', attributes: { script: { defer: true } } }).tags('a.ts')
    expect(html).toBe(
      `<meta property="csp-nonce" nonce="abc">
<script type="module" src="/a.ts" defer nonce="abc"></script>`,
    )
  })

  it('follows the mount path when the base is relative', () => {
    const { viteTags, viteAsset } = openPage(stub({ base: './' }), { baseUrl: '/sub' })
    expect(viteTags('a.ts')).toContain('"/sub/a.ts"')
    expect(viteAsset('a.png')).toBe('/sub/a.png')
    expect(viteAsset('a.svg#icon')).toBe('/sub/a.svg#icon')
  })
})

it('joins paths as this test expects', () => {
  expect(join('/project', '../lib/entry.ts')).toBe('/lib/entry.ts')
})
