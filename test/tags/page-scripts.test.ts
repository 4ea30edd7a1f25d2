// What belongs to the page once: the import map, and the script that reloads a stale page.
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  buildOnDisk,
  elements,
  guide,
  openPage,
  printerFor,
  printerOf,
  summary,
} from './support.js'

describe('an import map', () => {
  const map = (json: object, options = {}, record?: object) => {
    const root = buildOnDisk(guide, {
      'dist/importmap.json': JSON.stringify(json),
      ...(record && {
        'dist/.vite/connect-vite.json': JSON.stringify({ outDir: 'dist', ...record }),
      }),
    })
    return openPage(printerOf({ root, ...options }))
  }
  const textOf = (html: string) =>
    JSON.parse(elements(html).find(({ attributes }) => attributes.type === 'importmap')!.text)

  it('is first, once a page, with the first call that prints a script or a preload', () => {
    const { viteTags } = map({ imports: {} })
    expect(viteTags('foo', { only: 'style' })).not.toContain('importmap')
    expect(summary(viteTags('foo', { only: 'preload' }))[0]).toBe('script importmap')
    expect(viteTags('foo')).not.toContain('importmap')
  })

  it('comes again with a call that asks for it, and not with one that says no', () => {
    const { viteTags } = map({ imports: {} })
    expect(viteTags('bar', { page: false })).not.toContain('importmap')
    expect(summary(viteTags('foo'))[0]).toBe('script importmap')
    expect(summary(viteTags('foo', { page: true }))).toEqual(['script importmap'])
    expect(summary(viteTags([], { page: true, only: 'style' }))).toEqual(['script importmap'])
  })

  it.each([
    ['./assets/a.js', {}, undefined, '/assets/a.js'],
    ['./assets/a%20b.js', { base: '/x y/' }, undefined, '/x%20y/assets/a%20b.js'],
    ['/static/a.js', { base: 'https://cdn.test/' }, { base: '/static/' }, 'https://cdn.test/a.js'],
    ['/static/a.js', {}, { base: '/static/' }, '/static/a.js'],
    ['/other/a.js', { base: '/x/' }, { base: '/static/' }, '/other/a.js'],
    ['https://other.test/a.js', { base: '/x/' }, undefined, 'https://other.test/a.js'],
  ])('has the address %s with %j and %j recorded as %s', (address, options, record, expected) => {
    const json = { imports: { [address]: address }, scopes: { [address]: { [address]: address } } }
    expect(textOf(map(json, options, record).viteTags('foo'))).toEqual({
      imports: { [expected]: expected },
      scopes: { [expected]: { [expected]: expected } },
    })
  })

  it('follows the mount path', () => {
    const root = buildOnDisk(guide, { 'dist/importmap.json': '{"imports":{"./a.js":"./b.js"}}' })
    const printer = printerOf({ root, base: './' })
    for (const baseUrl of ['/one', '/two', '/one'])
      expect(textOf(openPage(printer, { baseUrl }).viteTags('foo'))).toEqual({
        imports: { [`${baseUrl}/a.js`]: `${baseUrl}/b.js` },
      })
  })

  it('has the integrity of every script, and keeps what it had', () => {
    const { viteTags } = map(
      { imports: {}, integrity: { './x.js': 'sha384-x' } },
      { integrity: 'sha256' },
    )
    const { integrity } = textOf(viteTags('foo'))
    expect(Object.keys(integrity).sort()).toEqual([
      '/assets/bar-gkvgaI9m.js',
      '/assets/baz-B2H3sXNv.js',
      '/assets/foo-BRBmoGS9.js',
      '/assets/shared-B7PI925R.js',
      '/x.js',
    ])
    expect(integrity['/assets/baz-B2H3sXNv.js']).toMatch(/^sha256-/)
  })

  it('cannot end its element', () => {
    const evil = '</script><script>alert(1)</script><!--'
    const html = map({ imports: { [evil]: evil } }).viteTags('foo')
    expect(elements(html).map(({ name }) => name)).toEqual([
      'script',
      'link',
      'link',
      'script',
      'link',
    ])
    expect(textOf(html).imports[evil]).toBe(evil)
  })
})

describe('the import map of a build without one, with integrity', () => {
  const mapOf = (html: string) => {
    const script = elements(html).find(({ attributes }) => attributes.type === 'importmap')
    return script && JSON.parse(script.text)
  }

  it('holds only the hashes of scripts, because a dynamic import has no tag', () => {
    const printer = printerOf({ root: buildOnDisk(guide), integrity: true })
    const map = mapOf(printer.tags('bar'))
    expect(Object.keys(map)).toEqual(['integrity'])
    expect(map.integrity['/assets/baz-B2H3sXNv.js']).toMatch(/^sha384-/)
    for (const url of Object.keys(map.integrity)) expect(url).toMatch(/\.js$/)
  })

  it('is not printed where a tag names every script of the build', () => {
    const { 'baz.js': _, ...more } = guide
    const manifest = { ...more, 'views/bar.js': { ...more['views/bar.js']!, dynamicImports: [] } }
    const root = buildOnDisk(manifest)
    expect(mapOf(printerOf({ root, integrity: true }).tags('bar'))).toBeUndefined()
    // Without tags for preloads nothing names the shared chunk.
    const headers = printerOf({ root, integrity: true, preload: 'header' })
    expect(mapOf(headers.tags('bar')).integrity).toHaveProperty('/assets/shared-B7PI925R.js')
  })

  it('does not keep preloads out of the header, as a map of names does', () => {
    const options = { root: buildOnDisk(guide), integrity: true, preload: 'both' } as const
    const { res, viteTags } = openPage(printerOf(options))
    expect(viteTags('bar')).toContain('importmap')
    expect(res.getHeader('Link')).toContain('rel=modulepreload')
  })

  it('has no hash of a script for SystemJS', () => {
    const root = buildOnDisk({
      'a.js': { file: 'a.js', isEntry: true, dynamicImports: ['b.js'] },
      'b.js': { file: 'b.js', isDynamicEntry: true },
      'a-legacy.js': { file: 'a-legacy.js', isEntry: true, dynamicImports: ['b-legacy.js'] },
      'b-legacy.js': { file: 'b-legacy.js', isDynamicEntry: true },
      'vite/legacy-polyfills-legacy': { file: 'polyfills-legacy.js', isEntry: true },
    })
    const map = mapOf(printerOf({ root, integrity: true }).tags('a.js'))
    expect(Object.keys(map.integrity)).toEqual(['/a.js', '/b.js'])
  })
})

describe('recover', () => {
  const options = { recover: true }
  const scriptOf = (manifest = guide) =>
    elements(printerFor(manifest, options).tags('foo'))[0]!.text

  it('prints one script a page, before any module', () => {
    const { viteTags } = openPage(printerFor(guide, options), { locals: { cspNonce: 'abc' } })
    expect(viteTags('foo', { only: 'style' })).not.toContain('preloadError')
    const [, script, module] = elements(viteTags('foo'))
    expect(script).toMatchObject({ name: 'script', attributes: { nonce: 'abc' } })
    expect(module!.attributes.type).toBe('module')
    expect(viteTags('bar')).not.toContain('preloadError')
    expect(printerFor(guide).tags('foo')).not.toContain('preloadError')
  })

  /** A tab in which the script of a build meets a chunk that is gone; returns what happened. */
  function visit(script: string, storage: Map<string, string> | undefined) {
    const happened: string[] = []
    const listeners: Record<string, (event: object) => void> = {}
    runInNewContext(script, {
      addEventListener: (type: string, listener: (event: object) => void) => {
        listeners[type] = listener
      },
      location: { reload: () => happened.push('reload') },
      get sessionStorage() {
        if (!storage) throw new Error('forbidden')
        return {
          getItem: (key: string) => storage.get(key) ?? null,
          setItem: (key: string, value: string) => storage.set(key, value),
        }
      },
    })
    listeners['vite:preloadError']!({ preventDefault: () => happened.push('prevent') })
    return happened
  }

  it('reloads once for a build, and again for the next one', () => {
    const storage = new Map<string, string>()
    const next = { ...guide, 'new.js': { file: 'new.js' } }
    expect(visit(scriptOf(), storage)).toEqual(['prevent', 'reload'])
    expect(visit(scriptOf(), storage)).toEqual([])
    expect(visit(scriptOf(next), storage)).toEqual(['prevent', 'reload'])
    expect(visit(scriptOf(next), storage)).toEqual([])
  })

  it('does nothing where nothing can be remembered', () => {
    expect(visit(scriptOf(), undefined)).toEqual([])
  })
})

describe('integrity', () => {
  it('is refused at creation when there is nothing to hash', () => {
    expect(() => printerFor(guide, { integrity: true })).toThrow(
      expect.objectContaining({ code: 'ERR_BUILD_INCOMPLETE' }),
    )
  })

  it.each([
    [true, 'sha384-'],
    ['sha256', 'sha256-'],
    ['sha512', 'sha512-'],
  ] as const)('as %j is on scripts, styles and preloads', (integrity, prefix) => {
    const root = buildOnDisk(guide)
    const html = printerOf({ root, integrity }).tags(['foo', 'bar'], { page: false })
    for (const { attributes } of elements(html))
      expect(attributes).toMatchObject({
        crossorigin: 'anonymous',
        integrity: expect.stringContaining(prefix),
      })
  })
})
