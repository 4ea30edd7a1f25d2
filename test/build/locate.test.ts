// Where the manifest is looked for, and what is said when it is not there.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isDirectory, readManifest } from '../../src/build/manifest.js'
import { type BuildRecord, RECORD_VERSION } from '../../src/build/types.js'
import type { ConnectViteError } from '../../src/errors.js'
import { tempDirectory } from '../tags/support.js'

const manifest = '{"a.js":{"file":"a.js","isEntry":true}}'
const record = (file: string): BuildRecord => ({
  version: RECORD_VERSION,
  base: '/',
  outDir: 'dist',
  assetsDir: 'assets',
  manifest: file,
  hashed: [],
  cssCodeSplit: true,
  modulePreload: true,
  sourcemap: false,
  entries: [],
  servers: {},
})

describe('a manifest', () => {
  it.each<[string, string | undefined, BuildRecord | undefined]>([
    ['.vite/manifest.json', undefined, undefined],
    ['manifest.json', undefined, undefined],
    ['own/manifest.json', undefined, record('own/manifest.json')],
    ['.vite/manifest.json', undefined, record('gone.json')],
    ['named.json', 'named.json', record('own/manifest.json')],
  ])('is read from %s', (file, named, recorded) => {
    const outDir = tempDirectory({ [file]: manifest, 'own/manifest.json': manifest })
    const { path, chunks } = readManifest(outDir, named, recorded)
    expect(path).toBe(join(outDir, file))
    expect([...chunks.keys()]).toEqual(['a.js'])
  })

  it('of the name that was asked for is read before all others, or none is', () => {
    const outDir = tempDirectory({ '.vite/manifest.json': manifest })
    expect(() => readManifest(outDir, 'x.json', undefined)).toThrow(/x\.json/)
  })

  it.each([
    [
      'is a directory without it',
      'dist',
      'There is no manifest in',
      'the build ran without build.manifest: true, or the directory is not the outDir of vite.config',
    ],
    [
      'is not there',
      'nowhere',
      'There is no build in',
      'vite build did not run yet, or it wrote to another directory',
    ],
    [
      'is a file',
      'dist/a.js',
      'There is no build in',
      'vite build did not run yet, or it wrote to another directory',
    ],
  ])('is missed with the reason where outDir %s', (_, dir, what, cause) => {
    const outDir = join(tempDirectory({ 'dist/a.js': '' }), dir)
    let error: ConnectViteError | undefined
    try {
      readManifest(outDir, undefined, undefined)
    } catch (thrown) {
      error = thrown as ConnectViteError
    }
    expect(error?.code).toBe('ERR_BUILD_NOT_FOUND')
    expect(error?.message.split('\n')).toEqual([
      `${what} ${outDir}.`,
      `  Looked in: ${join(outDir, '.vite/manifest.json')}, ${join(outDir, 'manifest.json')}`,
      `  Likely cause: ${cause}`,
      '  What to do: Set build.manifest: true in vite.config (the plugin connect-vite/plugin does), run vite build, and point the option outDir to where it wrote.',
    ])
  })

  it('that is no JSON is refused by its own name', () => {
    const outDir = tempDirectory({ 'manifest.json': '{' })
    expect(() => readManifest(outDir, undefined, undefined)).toThrow(/^The manifest cannot be read/)
  })
})

describe('isDirectory()', () => {
  it('tells a directory from a file and from nothing', () => {
    const root = tempDirectory({ 'a/b.js': '' })
    expect(['a', 'a/b.js', 'c'].map((name) => isDirectory(join(root, name)))).toEqual([
      true,
      false,
      false,
    ])
  })
})
