import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext, runInNewContext } from 'node:vm'
import { parseAst } from 'vite'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import {
  buildOnDisk,
  type Element,
  elements,
  openPage,
  printerFor,
  printerOf,
  summary,
} from './support.js'

/** Manifests that Vite 8 and @vitejs/plugin-legacy 8 wrote. */
const fixture = (name: string): Manifest =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'))
const legacy = fixture('legacy')
const legacyOnly = fixture('legacy-only')

/** `id` or the beginning of the text, in place of the long forms. */
const describeScript = ({ attributes, text }: Element) => ({
  ...('nomodule' in attributes && { nomodule: true }),
  ...(attributes.type && { type: attributes.type }),
  src: attributes.src ?? attributes['data-src'] ?? text.slice(0, 8),
})

describe('a build with plugin-legacy', () => {
  it('has the modern tags with their polyfills first, and the legacy tags last', () => {
    const scripts = elements(printerFor(legacy).tags('views/foo.js')).filter(
      ({ name }) => name === 'script',
    )
    expect(scripts.map(describeScript)).toEqual([
      { type: 'module', src: '/assets/polyfills-D6v_7CQY.js' },
      { type: 'module', src: '/assets/foo-C2jbrKVN.js' },
      { type: 'module', src: 'import("' },
      { type: 'module', src: 'if(!wind' },
      { nomodule: true, src: '/assets/polyfills-legacy-DET-GAqP.js' },
      { nomodule: true, src: '/assets/foo-legacy-LhTaneCy.js' },
    ])
  })

  it('loads nothing of the legacy build in a browser that knows modules', () => {
    const html = printerFor(legacy).tags(['foo', 'bar'], { prefetch: true })
    for (const { attributes } of elements(html))
      if (/legacy/.test(attributes.src ?? attributes.href ?? ''))
        expect(attributes).toHaveProperty('nomodule')
  })

  it('gives each entry of a page its own id, and prints the legacy scripts once', () => {
    const { viteTags } = openPage(printerFor(legacy), { locals: { cspNonce: 'abc' } })
    const all = elements([viteTags('foo'), viteTags('bar'), viteTags(['foo', 'bar'])].join('\n'))
    const ids = all.flatMap(({ attributes }) => attributes.id ?? [])
    expect(ids).toEqual([
      'vite-legacy-polyfill',
      'vite-legacy-entry-/assets/foo-legacy-LhTaneCy.js',
      'vite-legacy-entry-/assets/bar-legacy-Cmb91K7N.js',
    ])
    expect(all.every(({ attributes }) => attributes.nonce === 'abc')).toBe(true)
    expect(all.filter(({ text }) => text.includes('is_modern_browser'))).toHaveLength(2)
    // A browser runs a module of this name once, and it has to stand before whichever entry comes first.
    expect(all.filter(({ attributes }) => attributes.src?.includes('polyfills-D6v'))).toHaveLength(
      2,
    )
  })

  it('has polyfills with every call that prints a script or a preload', () => {
    const { viteTags } = openPage(printerFor(legacy))
    expect(summary(viteTags('foo', { only: 'style' }))).toEqual([
      'style /assets/foo-Dei2f1sT.css',
      'style /assets/shared-Dn0TWFOf.css',
    ])
    expect(summary(viteTags('foo', { only: 'preload' }))).toEqual([
      'script /assets/polyfills-D6v_7CQY.js',
      'preload /assets/shared-Bvlpri27.js',
    ])
    expect(summary(viteTags('foo')).slice(0, 2)).toEqual([
      'script /assets/polyfills-D6v_7CQY.js',
      'script /assets/foo-C2jbrKVN.js',
    ])
    expect(viteTags('foo')).toBe('')
  })

  it('links a stylesheet for all browsers alike', () => {
    expect(summary(printerFor(legacy).tags('src/style.css'))).toEqual([
      'style /assets/style-BA-DVvB6.css',
    ])
  })

  it('finds entries by name', () => {
    expect(summary(printerFor(legacy).tags('style'))).toEqual(['style /assets/style-BA-DVvB6.css'])
    expect(printerFor(legacy).tags('bar')).toContain('/assets/bar-BJ2sdHwL.js')
  })

  it('checks the integrity of its polyfills', () => {
    const html = printerOf({ root: buildOnDisk(legacy), integrity: true }).tags('foo')
    const polyfills = elements(html).filter(({ attributes }) =>
      attributes.src?.includes('polyfills'),
    )
    expect(polyfills).toHaveLength(2)
    for (const { attributes } of polyfills)
      expect(attributes).toMatchObject({
        crossorigin: 'anonymous',
        integrity: expect.stringMatching(/^sha384-/),
      })
  })

  it('has the import map of SystemJS before what needs it', () => {
    const root = buildOnDisk(legacy, {
      'dist/importmap.json': '{"imports":{"./assets/a.js":"./assets/b.js"}}',
      'dist/importmap.legacy.json': '{"imports":{"./assets/a-legacy.js":"./assets/b-legacy.js"}}',
    })
    const { viteTags } = openPage(printerOf({ root, base: '/x/', integrity: true }))
    const maps = elements(viteTags('foo')).filter(({ attributes }) =>
      attributes.type?.includes('importmap'),
    )
    expect(maps.map(({ attributes }) => attributes.type)).toEqual([
      'importmap',
      'systemjs-importmap',
    ])
    expect(JSON.parse(maps[1]!.text)).toEqual({
      imports: { '/x/assets/a-legacy.js': '/x/assets/b-legacy.js' },
    })
    expect(viteTags('bar')).not.toContain('importmap')
  })
})

describe('a build without modern chunks', () => {
  it.each(['views/foo.js', 'views/foo-legacy.js', 'foo'])(
    'prints the legacy tags alone for %s',
    (entry) => {
      const scripts = elements(printerFor(legacyOnly).tags(entry))
      expect(scripts.map(describeScript)).toEqual([
        { src: '/assets/polyfills-legacy-DET-GAqP.js' },
        { src: '/assets/foo-legacy-LhTaneCy.js' },
      ])
    },
  )

  it('prints the script that holds a stylesheet', () => {
    expect(printerFor(legacyOnly).tags('src/style.css')).toContain(
      '/assets/style-legacy-DFJpA3U3.js',
    )
  })
})

describe('the inline scripts', () => {
  const scripts = elements(printerFor(legacy).tags(['foo', 'bar'])).filter(
    ({ text }) => text !== '',
  )

  it('are code that a browser can read', () => {
    expect(scripts).toHaveLength(4)
    for (const { text } of scripts) expect(() => parseAst(text)).not.toThrow()
  })

  const entryScripts = scripts.filter(({ attributes }) => attributes.id)
  const [foo, bar] = entryScripts.map(({ attributes }) => attributes['data-src']!) as [
    string,
    string,
  ]

  /** SystemJS that says what it does; each import goes on when it is allowed to. */
  function systemJs() {
    const done: string[] = []
    const pending: { resolve(): void; reject(error: Error): void }[] = []
    const load = (url: string) => {
      done.push(`import ${url}`)
      return new Promise<void>((resolve, reject) => pending.push({ resolve, reject }))
    }
    return { System: { import: load }, done, pending }
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it.each([
    [{ __vite_is_modern_browser: true }, []],
    [{ System: {} }, [`import ${foo}`, `import ${bar}`]],
    [{}, ['load /assets/polyfills-legacy.js', `import ${foo}`, `import ${bar}`]],
  ])('in a browser that knows modules and has %j load %j', async (window, expected) => {
    const { System, done, pending } = systemJs()
    const fallback = scripts.find(({ text }) => text.startsWith('if('))!.text
    runInNewContext(fallback, {
      window,
      System,
      document: {
        getElementById: () => ({ src: '/assets/polyfills-legacy.js', nonce: 'abc' }),
        querySelectorAll: () => [foo, bar].map((url) => ({ getAttribute: () => url })),
        createElement: () => ({}),
        body: {
          appendChild(script: { src: string; nonce: string; onload(): void }) {
            expect(script.nonce).toBe('abc')
            done.push(`load ${script.src}`)
            script.onload()
          },
        },
      },
    })
    expect(done).toEqual(expected.slice(0, -1))
    pending[0]?.resolve()
    await settled()
    expect(done).toEqual(expected)
  })

  /** A browser that runs what is `nomodule`, while it reads the page. */
  function readPage(readyState: string) {
    const { System, done, pending } = systemJs()
    const waiting: (() => void)[] = []
    const reported: string[] = []
    const page: object = {
      System,
      setTimeout: (throwing: () => void) => {
        try {
          throwing()
        } catch (error) {
          reported.push((error as Error).message)
        }
      },
      document: {
        readyState,
        addEventListener: (type: string, listener: () => void) => {
          expect(type).toBe('DOMContentLoaded')
          waiting.push(listener)
        },
        getElementById: (id: string) => ({
          getAttribute: (name: string) =>
            entryScripts.find(({ attributes }) => attributes.id === id)!.attributes[name],
        }),
      },
    }
    const context = createContext(Object.assign(page, { window: page }))
    for (const { text } of entryScripts) runInContext(text, context)
    return { done, pending, waiting, reported }
  }

  it.each(['interactive', 'complete'])('of entries run at once in a %s page', async (state) => {
    const { done, pending } = readPage(state)
    await settled()
    expect(done).toEqual([`import ${foo}`])
    pending[0]!.resolve()
    await settled()
    expect(done).toEqual([`import ${foo}`, `import ${bar}`])
  })

  it('of entries wait for the body', async () => {
    const { done, waiting } = readPage('loading')
    await settled()
    expect(done).toEqual([])
    for (const go of waiting) go()
    await settled()
    expect(done).toEqual([`import ${foo}`])
  })

  it('of an entry that fails do not stop the next one, and are heard of', async () => {
    const { done, pending, reported } = readPage('complete')
    await settled()
    pending[0]!.reject(new Error('gone'))
    await settled()
    expect(done).toEqual([`import ${foo}`, `import ${bar}`])
    expect(reported).toEqual(['gone'])
  })

  it('are code that old browsers can read', () => {
    for (const { text } of scripts.filter(({ attributes }) => attributes.type !== 'module'))
      expect(text).not.toMatch(/=>|`|\b(?:let|const|async)\b/)
  })
})

describe('a manifest of Vite 4', () => {
  it('has the same tags', () => {
    const printer = printerFor(fixture('vite4'))
    expect(summary(printer.tags('views/foo.js'))).toEqual([
      'style /assets/foo-480346c8.css',
      'style /assets/shared-43fc361f.css',
      'script /assets/foo-5ed9a3ae.js',
      'preload /assets/shared-c96bf199.js',
    ])
    expect(summary(printer.tags('src/style.css'))).toEqual(['style /assets/style-944573a3.css'])
  })
})
