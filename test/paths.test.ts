// Paths relative to a directory: what lies below it, and how sources are named.
import { sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { below, isBelow, pathInRoot, staysBelow } from '../src/paths.js'

const native = (path: string) => path.replaceAll('/', sep)

describe('below()', () => {
  it.each([
    ['/a/b', '/a/b/c', 'c'],
    ['/a/b', '/a/b/c/d', 'c/d'],
    ['/a/b', '/a/b/..c', '..c'],
    ['/a/b', '/a/b', undefined],
    ['/a/b', '/a', undefined],
    ['/a/b', '/', undefined],
    ['/a/b', '/a/c', undefined],
    ['/a/b', '/a/bc', undefined],
  ])('%s: %s is %s', (directory, path, inner) => {
    expect(below(native(directory), native(path))).toBe(inner)
    expect(isBelow(native(directory), native(path))).toBe(inner !== undefined)
  })
})

describe('pathInRoot()', () => {
  it.each(['src/x.ts', '/src/x.ts', './src/x.ts', '/app/src/x.ts'])(
    'names %s as src/x.ts',
    (path) => {
      expect(pathInRoot(native('/app'), native(path))).toBe('src/x.ts')
    },
  )

  it('leaves a virtual module alone', () => {
    expect(pathInRoot('/app', 'virtual:x')).toBe('virtual:x')
  })
})

describe('staysBelow()', () => {
  it.each(['a.js', 'assets/a.js', '..a/b', 'a..b', './a.js', '.vite/x.json'])(
    'accepts %j',
    (path) => {
      expect(staysBelow(path)).toBe(true)
    },
  )

  it.each([
    '',
    '..',
    '../a',
    'a/../../b',
    'a/..',
    '/a',
    '\\\\host\\a',
    '..\\a',
    'C:\\a',
    'c:a',
    'a\0b',
  ])('refuses %j', (path) => {
    expect(staysBelow(path)).toBe(false)
  })
})
