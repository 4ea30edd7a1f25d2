import { describe, expect, it } from 'vitest'
import { loadBuild } from '../../src/build/load-build.js'
import type { Manifest } from '../../src/build/types.js'
import { createBuildTagSource } from '../../src/tags/build-source.js'
import { parseCall } from '../../src/tags/call.js'
import { createTree, createTrees, stepFrom } from '../../src/tags/printed.js'
import { createPrinter } from '../../src/tags/printer.js'
import type { TagSource } from '../../src/tags/source.js'
import { elements, guide, openPage, printerFor, productionSettings, summary } from './support.js'

describe('a page', () => {
  it('has a file once, however many calls name it', () => {
    const { viteTags } = openPage(printerFor(guide))
    expect(summary(viteTags('views/foo.js'))).toHaveLength(4)
    expect(viteTags('views/foo.js')).toBe('')
    expect(summary(viteTags('views/bar.js'))).toEqual(['script /assets/bar-gkvgaI9m.js'])
    expect(viteTags(['bar', 'foo'])).toBe('')
  })

  it('has a file once in each role', () => {
    const manifest: Manifest = {
      'a.js': { file: 'a.js', isEntry: true, imports: ['b.js'] },
      'b.js': { file: 'b.js', isEntry: true },
    }
    const preloadedFirst = openPage(printerFor(manifest))
    expect(summary(preloadedFirst.viteTags('a.js'))).toEqual(['script /a.js', 'preload /b.js'])
    expect(summary(preloadedFirst.viteTags('b.js'))).toEqual(['script /b.js'])

    const printedFirst = openPage(printerFor(manifest))
    expect(summary(printedFirst.viteTags('b.js'))).toEqual(['script /b.js'])
    expect(summary(printedFirst.viteTags('a.js'))).toEqual(['script /a.js'])
  })

  it('gets the rest of an entry from a later call', () => {
    const { viteTags } = openPage(printerFor(guide))
    expect(summary(viteTags('foo', { only: 'style' }))).toHaveLength(2)
    expect(summary(viteTags('foo'))).toEqual([
      'script /assets/foo-BRBmoGS9.js',
      'preload /assets/shared-B7PI925R.js',
    ])
  })

  it('knows nothing of another page', () => {
    const printer = printerFor(guide)
    const [one, two] = [openPage(printer), openPage(printer)]
    expect(one.viteTags('foo')).toBe(two.viteTags('foo'))
    expect(one.viteTags('bar')).toBe(two.viteTags('bar'))
  })

  it('is the same whether its text was kept or not', () => {
    const calls = ['foo', 'bar', ['bar', 'foo'], 'baz', 'foo'] as const
    const print = (printer: ReturnType<typeof printerFor>) => {
      const { viteTags } = openPage(printer)
      return calls.map((entries) => viteTags(entries))
    }
    const printer = printerFor(guide)
    const cold = print(printer)
    expect(print(printer)).toEqual(cold)
    expect(print(printerFor(guide))).toEqual(cold)
  })

  it('is right after more different calls than are kept', () => {
    const manifest: Manifest = {}
    for (let index = 0; index < 1100; index++)
      manifest[`e${index}`] = { file: `${index}.js`, isEntry: true }
    const printer = printerFor(manifest)
    for (let round = 0; round < 2; round++) {
      const { viteTags } = openPage(printer)
      for (let index = 0; index < 1100; index++)
        expect(viteTags(`e${index}`)).toBe(`<script type="module" src="/${index}.js"></script>`)
    }
  })

  it('keeps a bounded number of texts', () => {
    const manifest: Manifest = {}
    for (let index = 0; index < 2500; index++)
      manifest[`e${index}`] = { file: `${index}.js`, isEntry: true }
    const settings = productionSettings({ manifest })
    const { root } = createTree(createBuildTagSource(loadBuild(settings), settings), '/')
    for (const entry of Object.keys(manifest))
      stepFrom(root, parseCall(entry, undefined, settings), false)
    expect(root.steps[0].size).toBeLessThanOrEqual(1000)
    expect(root.steps[0].size).toBe(500)
    expect(root.tree.size).toBe(500)
  })

  it('keeps a bounded number of places where the middleware is mounted', () => {
    const settings = productionSettings({ manifest: guide, base: './' })
    const source = createBuildTagSource(loadBuild(settings), settings)
    const treeAt = createTrees(() => source)
    const first = treeAt('/tenant/')
    expect(treeAt('/tenant/')).toBe(first)
    for (let index = 0; index < 200; index++) treeAt(`/${index}/`)
    expect(treeAt('/tenant/')).not.toBe(first)
  })

  it('is untouched by a call that fails', () => {
    const { viteTags } = openPage(printerFor(guide), { locals: { cspNonce: 'abc' } })
    expect(() => viteTags('nope')).toThrow()
    expect(summary(viteTags('views/bar.js'))[0]).toBe('meta')
  })

  it('keeps the build with which it began', () => {
    const settings = productionSettings({ manifest: guide })
    const next: Manifest = { 'views/foo.js': { file: 'new.js', isEntry: true } }
    const sourceOf = (manifest: Manifest): TagSource =>
      createBuildTagSource(loadBuild({ ...settings, manifest }), settings)
    let source = sourceOf(guide)
    const printer = createPrinter(() => source, settings)
    const page = openPage(printer)
    page.viteTags('views/foo.js')
    source = sourceOf(next)
    expect(summary(page.viteTags('views/bar.js'))).toEqual(['script /assets/bar-gkvgaI9m.js'])
    expect(summary(openPage(printer).viteTags('views/foo.js'))).toEqual(['script /new.js'])
    expect(summary(printer.tags('views/foo.js'))).toEqual(['script /new.js'])
  })
})

describe('a page below a mount path', () => {
  it.each([
    [undefined, '/'],
    ['', '/'],
    ['/sub', '/sub/'],
    ['/a b', '/a%20b/'],
    ['//evil.test', '/evil.test/'],
    ['/\\evil.test', '/%5Cevil.test/'],
    ['/"><script>', '/%22%3E%3Cscript%3E/'],
  ])('%j has URLs that begin with %j when the base is relative', (baseUrl, prefix) => {
    const printer = printerFor({ 'a.js': { file: 'a.js', isEntry: true } }, { base: './' })
    const { viteTags, viteAsset } = openPage(printer, baseUrl === undefined ? {} : { baseUrl })
    expect(elements(viteTags('a.js'))).toEqual([
      { name: 'script', attributes: { type: 'module', src: `${prefix}a.js` }, text: '' },
    ])
    expect(viteAsset('a.js')).toBe(`${prefix}a.js`)
  })

  it('has the base when there is one', () => {
    const printer = printerFor({ 'a.js': { file: 'a.js', isEntry: true } }, { base: '/app/' })
    expect(openPage(printer, { baseUrl: '/sub' }).viteAsset('a.js')).toBe('/app/a.js')
  })

  it('does not mix with pages below other paths, however many', () => {
    const printer = printerFor({ 'a.js': { file: 'a.js', isEntry: true } }, { base: '' })
    for (let tenant = 0; tenant < 250; tenant++) {
      const { viteTags } = openPage(printer, { baseUrl: `/t${tenant % 120}` })
      expect(viteTags('a.js')).toContain(`"/t${tenant % 120}/a.js"`)
    }
  })

  it('takes the path where the middleware is mounted, not where a route is', () => {
    const printer = printerFor({ 'a.js': { file: 'a.js', isEntry: true } }, { base: './' })
    const { req, viteTags } = openPage(printer, { baseUrl: '/sub' })
    req.baseUrl = '/sub/admin/users'
    expect(viteTags('a.js')).toContain('"/sub/a.js"')
  })
})

describe('res.locals', () => {
  it('is created where the framework has none, and kept where it has', () => {
    const locals = Object.create(null) as Record<string, unknown>
    locals.user = 'me'
    const { res } = openPage(printerFor(guide), { locals })
    expect(res.locals).toBe(locals)
    expect(Object.keys(locals)).toEqual(['user', 'viteTags', 'viteAsset', 'viteInline'])
    expect(Object.keys(openPage(printerFor(guide)).res.locals!)).toHaveLength(3)
  })

  it('has the functions under another name', () => {
    const { res } = openPage(printerFor(guide, { name: 'admin' }))
    expect(Object.keys(res.locals!)).toEqual(['adminTags', 'adminAsset', 'adminInline'])
  })

  it('works without its owner, as templates call it', () => {
    const { viteTags } = openPage(printerFor(guide))
    expect(
      ['foo', 'bar'].map(viteTags as (entry: string) => string).map((html) => summary(html).length),
    ).toEqual([4, 1])
  })
})

describe('two builds on one page', () => {
  it('print their own files, each time with the nonce meta', () => {
    const [one, two] = [printerFor(guide), printerFor(guide, { name: 'admin', base: '/admin/' })]
    for (let round = 0; round < 2; round++) {
      const page = openPage(one, { locals: { cspNonce: 'abc' } })
      two.install(page.req, page.res)
      const adminTags = page.res.locals!.adminTags as typeof page.viteTags
      const html = [adminTags('bar'), page.viteTags('bar'), adminTags('foo'), page.viteTags('foo')]
      expect(summary(html.join('\n'))).toEqual([
        'meta',
        'style /admin/assets/shared-ChJ_j-JJ.css',
        'script /admin/assets/bar-gkvgaI9m.js',
        'preload /admin/assets/shared-B7PI925R.js',
        'meta',
        'style /assets/shared-ChJ_j-JJ.css',
        'script /assets/bar-gkvgaI9m.js',
        'preload /assets/shared-B7PI925R.js',
        'meta',
        'style /admin/assets/foo-5UjPuW-k.css',
        'script /admin/assets/foo-BRBmoGS9.js',
        'meta',
        'style /assets/foo-5UjPuW-k.css',
        'script /assets/foo-BRBmoGS9.js',
      ])
    }
  })
})
