import { describe, expect, it } from 'vitest'
import { createLookup } from '../../src/build/lookup.js'
import { parseManifest } from '../../src/build/manifest.js'
import type { Manifest } from '../../src/build/types.js'

const manifest: Manifest = {
  'src/main.ts': { file: 'main.js', name: 'main', isEntry: true },
  'src/admin/main.ts': { file: 'admin.js', name: 'admin/main', isEntry: true },
  'app/odd.ts': { file: 'odd.js', name: 'odd', isEntry: true },
  '../lib/entry.js': { file: 'lib.js', name: 'entry', isEntry: true },
  'src/lazy.ts': { file: 'lazy.js', name: 'lazy', isDynamicEntry: true },
  'src/style.css': { file: 'style.css', name: 'style.css', isEntry: true },
  'src/logo.svg': { file: 'logo.svg', isEntry: true },
  '_shared.js': { file: 'shared.js', name: 'shared' },
  'a/twice.ts': { file: 'a.js', name: 'twice', isEntry: true },
  'b/twice.ts': { file: 'b.js', name: 'twice', isEntry: true },
  '../../virtual:app': { file: 'v.js', name: '_virtual_app', isEntry: true },
}

const lookupIn = (json: Manifest, base = '/app/') => createLookup(parseManifest(json, 'x'), base)

describe('createLookup', () => {
  it.each([
    ['the exact key', 'src/main.ts', 'src/main.ts'],
    ['a key after a slash', '/src/main.ts', 'src/main.ts'],
    ['a key after ./', './src/main.ts', 'src/main.ts'],
    ['a key after the base', '/app/src/main.ts', 'src/main.ts'],
    ['a key that begins like the base', '/app/odd.ts', 'app/odd.ts'],
    ['a key outside root', '../lib/entry.js', '../lib/entry.js'],
    ['a name', 'main', 'src/main.ts'],
    ['a name with a slash', 'admin/main', 'src/admin/main.ts'],
    ['a dynamic entry by name', 'lazy', 'src/lazy.ts'],
    ['a stylesheet by name', 'style.css', 'src/style.css'],
    ['a virtual module below another directory', 'virtual:app', '../../virtual:app'],
  ])('finds %s', (_, asked, key) => {
    expect(lookupIn(manifest).find(asked)).toEqual({ key })
  })

  it('finds a key after a full URL, and after its path', () => {
    const lookup = lookupIn(manifest, 'https://cdn.test/x/')
    expect(lookup.find('https://cdn.test/x/src/main.ts').key).toBe('src/main.ts')
    expect(lookup.find('/x/src/main.ts').key).toBe('src/main.ts')
  })

  it('finds neither of two entries with one name', () => {
    const keys = ['a/twice.ts', 'b/twice.ts']
    expect(lookupIn(manifest).find('twice')).toEqual({ reason: 'ambiguous', keys })
  })

  it.each([
    ['a chunk', '_shared.js'],
    ['an image, even one that is an input', 'src/logo.svg'],
  ])('does not take %s for an entry', (_, asked) => {
    expect(lookupIn(manifest).find(asked)).toEqual({ reason: 'no-entry', chunk: asked })
  })

  it('tells the chunk that bears a name', () => {
    expect(lookupIn(manifest).find('shared')).toEqual({ reason: 'no-entry', chunk: '_shared.js' })
  })

  it.each(['', 'toString', '__proto__', 'constructor', 'SRC/MAIN.TS', 'src//main.ts'])(
    'does not find %j',
    (asked) => {
      expect(lookupIn(manifest).find(asked)).toEqual({ reason: 'unknown' })
    },
  )

  it('finds an entry that is called __proto__', () => {
    const json = JSON.parse('{"__proto__":{"file":"p.js","isEntry":true}}')
    expect(lookupIn(json).find('__proto__').key).toBe('__proto__')
  })

  it('lists entries under the names that people write', () => {
    expect(lookupIn(manifest).entries).not.toContain('_shared.js')
    expect(lookupIn(manifest).entries).toContain('src/lazy.ts')
  })
})

describe('createLookup with plugin-legacy', () => {
  const legacy: Manifest = {
    'views/foo.js': { file: 'foo.js', name: 'foo', isEntry: true },
    'views/foo-legacy.js': { file: 'foo-legacy.js', name: 'foo', isEntry: true },
    'src/style.css': { file: 'style.css', name: 'style.css', isEntry: true },
    'src/style-legacy.css': { file: 'style-legacy.js', name: 'style', isEntry: true },
    '../../vite/legacy-polyfills-legacy': { file: 'polyfills-legacy.js', isEntry: true },
  }

  it('does not count a twin as a second entry of its name', () => {
    expect(lookupIn(legacy).find('foo').key).toBe('views/foo.js')
    expect(lookupIn(legacy).entries).toEqual(['views/foo.js', 'src/style.css'])
  })

  it('finds an entry that has no modern chunk', () => {
    const { 'views/foo.js': _, ...alone } = legacy
    expect(lookupIn(alone).find('/views/foo.js').key).toBe('views/foo-legacy.js')
    expect(lookupIn(alone).find('foo').key).toBe('views/foo-legacy.js')
  })

  it('finds an entry whose own name ends in -legacy', () => {
    const own: Manifest = {
      'src/main.js': { file: 'main.js', name: 'main', isEntry: true },
      'src/main-legacy.js': { file: 'old.js', name: 'main-legacy', isEntry: true },
    }
    expect(lookupIn(own).entries).toHaveLength(2)
    const { 'src/main.js': _, ...alone } = own
    expect(lookupIn(alone).find('src/main.js')).toEqual({ reason: 'unknown' })
  })
})
