// The record of a build: read in every version that makes sense, refused otherwise, and found without being told where.
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { findRecordedOutDir } from '../../src/build/find-build.js'
import { readRecord } from '../../src/build/record.js'
import { type BuildRecord, RECORD_FILE, RECORD_VERSION } from '../../src/build/types.js'
import { temporaryDirectory } from '../support/directory.js'

const complete: BuildRecord = {
  version: RECORD_VERSION,
  base: '/app/',
  outDir: 'dist',
  assetsDir: 'static',
  manifest: 'meta/manifest.json',
  hashed: ['static/main-Cb1x2y3z.js'],
  cssCodeSplit: false,
  modulePreload: false,
  sourcemap: 'hidden',
  importMap: 'importmap.json',
  entries: ['src/main.ts'],
  servers: { ssr: { outDir: 'dist-ssr', entries: { 'src/entry-server.ts': 'entry-server.js' } } },
}

let root: string
beforeEach(() => {
  root = temporaryDirectory()
})

/** Writes a record into `directory` (relative to root) and returns the absolute path of that directory. */
function record(directory: string, content: unknown = { ...complete, outDir: directory }): string {
  const file = join(root, directory, RECORD_FILE)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return join(root, directory)
}

describe('readRecord', () => {
  it('reads a complete record as it was written', () => {
    expect(readRecord(record('dist'))).toEqual(complete)
  })

  it('is undefined where there is no record', () => {
    expect(readRecord(root)).toBeUndefined()
    expect(readRecord(join(root, 'nowhere'))).toBeUndefined()
  })

  it('fills in what an older plugin did not write', () => {
    expect(readRecord(record('dist', { version: 0, base: '/x/' }))).toEqual({
      version: 0,
      base: '/x/',
      outDir: 'dist',
      assetsDir: 'assets',
      manifest: '.vite/manifest.json',
      hashed: [],
      cssCodeSplit: true,
      modulePreload: true,
      sourcemap: false,
      entries: [],
      servers: {},
    })
  })

  it('ignores what a newer plugin writes besides', () => {
    expect(readRecord(record('dist', { ...complete, version: 7, shiny: { new: true } }))).toEqual({
      ...complete,
      version: 7,
    })
  })

  it('names the newer version when a field has changed its meaning', () => {
    const outDir = record('dist', { ...complete, version: 7, hashed: { algorithm: 'x' } })
    expect(() => readRecord(outDir)).toThrow(/'hashed' is[\s\S]*newer[\s\S]*version 7/)
  })

  it.each([
    ['half a file', '{"version": 1, "ba'],
    ['an empty file', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a version that is no number', '{"version":"one"}'],
    ['a negative version', '{"version":-1}'],
    ['a base that is no string', '{"version":1,"base":{}}'],
    ['hashed files that are no strings', '{"version":1,"hashed":[1]}'],
    ['hashed files of which one is no string', '{"version":1,"hashed":["a",1]}'],
    ['a flag that is a word', '{"version":1,"cssCodeSplit":"no"}'],
    ['source maps of no kind that there is', '{"version":1,"sourcemap":"secret"}'],
    ['source maps that are a number', '{"version":1,"sourcemap":1}'],
    ['servers of which one is none', '{"version":1,"servers":{"a":{"outDir":"x"},"b":1}}'],
    ['a server without a directory', '{"version":1,"servers":{"ssr":{}}}'],
    ['a manifest outside the build', '{"version":1,"manifest":"../manifest.json"}'],
    ['an absolute import map', '{"version":1,"importMap":"/etc/map.json"}'],
    ['a hashed file outside the build', '{"version":1,"hashed":["a.js","b/../../c.js"]}'],
    [
      'a server entry outside its build',
      '{"version":1,"servers":{"ssr":{"outDir":"x","entries":{"a":"../../evil.js"}}}}',
    ],
    [
      'server entries that are no files',
      '{"version":1,"servers":{"ssr":{"outDir":"x","entries":{"a":1}}}}',
    ],
  ])('refuses %s with a reason', (_, text) => {
    const outDir = record('dist', text)
    expect(() => readRecord(outDir)).toThrow(
      expect.objectContaining({
        code: 'ERR_MANIFEST_INVALID',
        message: expect.stringContaining(join(outDir, RECORD_FILE)),
      }),
    )
  })

  it.each(['inline', 'hidden', true, false])('knows source maps that are %j', (sourcemap) => {
    expect(readRecord(record('dist', { ...complete, sourcemap }))?.sourcemap).toBe(sourcemap)
  })

  it('takes null for a field that was not written', () => {
    const read = readRecord(record('dist', { version: 1, base: null, hashed: null }))
    expect(read).toMatchObject({ base: '/', hashed: [] })
  })

  it.each([
    ['[]', /it is not an object[\s\S]*edited[\s\S]*Build again/],
    ['{"version":"one"}', /its version is "one"[\s\S]*edited[\s\S]*Build again/],
    [`{"version":${RECORD_VERSION},"base":1}`, /'base' is 1\.[\s\S]*edited[\s\S]*Build again/],
    [`{"version":${RECORD_VERSION + 1},"base":1}`, /newer[\s\S]*Install the same release/],
    [
      '{',
      /cannot be read: Expected property name[\s\S]*line 1[\s\S]*interrupted[\s\S]*Build again/,
    ],
  ])('says of %s what is wrong and what to do', (text, says) => {
    const outDir = record('dist', text)
    expect(() => readRecord(outDir)).toThrow(says)
  })

  it('does not repeat a long value', () => {
    const outDir = record('dist', { ...complete, base: ['x'.repeat(500)] })
    expect(() => readRecord(outDir)).toThrow(/'base' is \["x{58}\.\n/)
  })

  it('refuses what is there and is no file, but not a directory that is a file', () => {
    mkdirSync(join(root, 'dist', RECORD_FILE), { recursive: true })
    expect(() => readRecord(join(root, 'dist'))).toThrow(/cannot be read: EISDIR/)
    writeFileSync(join(root, 'file'), '')
    expect(readRecord(join(root, 'file'))).toBeUndefined()
  })

  it('keeps a __proto__ in the file from becoming a prototype', () => {
    const outDir = record(
      'dist',
      '{"version":1,"servers":{"__proto__":{"outDir":"evil"}},"__proto__":{"base":"/evil/"}}',
    )
    const read = readRecord(outDir)
    expect(read?.base).toBe('/')
    expect(read?.servers.constructor).toBeUndefined()
    expect(Object.keys(read?.servers ?? {})).toEqual(['__proto__'])
  })
})

describe('findRecordedOutDir', () => {
  it('is undefined where nothing was recorded', () => {
    expect(findRecordedOutDir(root)).toBeUndefined()
    expect(findRecordedOutDir(join(root, 'nowhere'))).toBeUndefined()
  })

  it.each(['dist', 'build', 'public/build', 'dist/client'])('finds a build in %s', (directory) => {
    expect(findRecordedOutDir(root)).toBeUndefined()
    const outDir = record(directory)
    expect(findRecordedOutDir(root)).toBe(outDir)
  })

  it.each(['a/b/c', 'node_modules/x', '.cache', 'a/node_modules', 'a/.b'])(
    'does not look into %s',
    (directory) => {
      record(directory)
      expect(findRecordedOutDir(root)).toBeUndefined()
    },
  )

  // `z-dist` is of another name, though it ends like the usual one.
  it.each([
    ['a', 'b'],
    ['b', 'a'],
    ['a/dist', 'b/z-dist'],
    ['deep/b', 'a'],
  ])('prefers the newest, here %s to %s', (fresh, old) => {
    const directories = [record(old), record(fresh)]
    for (const [age, directory] of directories.entries())
      utimesSync(join(directory, RECORD_FILE), 1_000 + age, 1_000 + age)
    expect(findRecordedOutDir(root)).toBe(join(root, fresh))
  })

  it('prefers a newer build to a dist that is left over', () => {
    const [dist, build] = [record('dist'), record('build')]
    utimesSync(join(dist, RECORD_FILE), 500, 500)
    expect(findRecordedOutDir(root)).toBe(build)
  })

  it.each(['dist', 'public/dist'])('prefers %s to others of the same time', (usual) => {
    const directories = ['a', usual, 'z'].map((directory) => record(directory))
    for (const directory of directories) utimesSync(join(directory, RECORD_FILE), 500, 500)
    expect(findRecordedOutDir(root)).toBe(join(root, usual))
  })

  it('passes by a copy of a build, a build of another root, and a broken record', () => {
    record('copy', complete)
    record('packages/other', { ...complete, outDir: 'dist' })
    record('broken', '{')
    expect(findRecordedOutDir(root)).toBeUndefined()
  })

  it('finds a build beside the root, in the package that the root belongs to', () => {
    mkdirSync(join(root, 'client'))
    const outDir = record('dist/web', { ...complete, outDir: '../dist/web' })
    expect(findRecordedOutDir(join(root, 'client'))).toBeUndefined()
    writeFileSync(join(root, 'package.json'), '{}')
    expect(findRecordedOutDir(join(root, 'client'))).toBe(outDir)
  })

  it('follows a dist that is a link, and no loop of links', () => {
    const release = record('releases/7', { ...complete, outDir: 'dist' })
    symlinkSync(release, join(root, 'dist'))
    symlinkSync(root, join(root, 'loop'))
    expect(findRecordedOutDir(root)).toBe(join(root, 'dist'))
  })

  it.each([
    ['a/b/c', true],
    ['a/b/c/d', false],
  ])('looks up from %s for the package: %s', (folder, found) => {
    writeFileSync(join(root, 'package.json'), '{}')
    const up = '../'.repeat(folder.split('/').length)
    const outDir = record('dist', { ...complete, outDir: `${up}dist` })
    expect(findRecordedOutDir(join(root, folder))).toBe(found ? outDir : undefined)
  })
})
