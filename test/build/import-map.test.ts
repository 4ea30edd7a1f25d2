// Import maps of a build: read where they lie, and refused where a browser would refuse them.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImportMaps } from '../../src/build/import-map.js'
import { ConnectViteError } from '../../src/errors.js'
import { tempDirectory } from '../tags/support.js'

const map = {
  imports: { 'chunk-a': './assets/a-1.js' },
  scopes: { './old/': { 'chunk-a': './assets/a-0.js' } },
  integrity: { './assets/a-1.js': 'sha384-abc' },
}

const written = (file: string, content: unknown) =>
  tempDirectory({ [file]: JSON.stringify(content) })

describe('an import map', () => {
  it.each([map, { imports: {} }, {}, { imports: map.imports, more: 1 }])(
    'is read: %j',
    (content) => {
      const outDir = written('importmap.json', content)
      expect(readImportMaps(outDir, undefined)).toEqual({
        importMap: content,
        systemMap: undefined,
      })
    },
  )

  it('is read where it was recorded, and nowhere else', () => {
    const outDir = written('maps/own.json', map)
    expect(readImportMaps(outDir, undefined).importMap).toBeUndefined()
    expect(readImportMaps(outDir, 'maps/own.json').importMap).toEqual(map)
  })

  it('of plugin-legacy is not taken for that of modern chunks', () => {
    const outDir = written('importmap.legacy.json', map)
    expect(readImportMaps(outDir, undefined)).toEqual({ importMap: undefined, systemMap: map })
  })

  it.each([
    [[]],
    [null],
    ['text'],
    [7],
    [{ imports: [] }],
    [{ imports: 'a' }],
    [{ imports: null }],
    [{ imports: { a: 1, b: './b.js' } }],
    [{ imports: { a: './a.js', b: null } }],
    [{ integrity: { a: true } }],
    [{ scopes: { '/a/': './b.js' } }],
    [{ scopes: { '/a/': { b: 1 } } }],
  ])('that is %j is refused', (content) => {
    const outDir = written('importmap.json', content)
    let thrown: unknown
    try {
      readImportMaps(outDir, undefined)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ConnectViteError)
    expect((thrown as ConnectViteError).code).toBe('ERR_MANIFEST_INVALID')
    expect((thrown as Error).message.split('\n')).toEqual([
      "The import map is not an object of 'imports', 'scopes' and 'integrity'.",
      `  Looked in: ${join(outDir, 'importmap.json')}`,
      '  Likely cause: it was edited, or is a file of another purpose',
      '  What to do: Build again (vite build), or give the other file another name.',
    ])
  })

  it('that is no JSON is refused by its own name', () => {
    const outDir = tempDirectory({ 'importmap.json': '{' })
    expect(() => readImportMaps(outDir, undefined)).toThrow(/^The import map cannot be read: /)
  })

  it('that was recorded and is not there is an error', () => {
    expect(() => readImportMaps(tempDirectory({ 'a.js': '' }), 'own.json')).toThrow(/own\.json/)
  })
})
