import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { age } from '../../src/build/missing-entry.js'
import type { Manifest } from '../../src/build/types.js'
import type { ConnectViteError } from '../../src/errors.js'
import { buildOnDisk, guide, printerFor, printerOf } from '../tags/support.js'

function errorOf(print: () => unknown): ConnectViteError {
  try {
    print()
  } catch (error) {
    return error as ConnectViteError
  }
  throw new Error('nothing was thrown')
}

const hour = 3_600_000

/** A build of an hour ago, and a source file of the given age. */
function projectWith(file: string, written: number): string {
  const root = buildOnDisk(guide, { [file]: 'export {}' })
  const set = (path: string, before: number) => {
    const time = new Date(Date.now() - before)
    utimesSync(join(root, path), time, time)
  }
  set('dist/.vite/manifest.json', hour)
  set(file, written)
  return root
}

describe('an entry that is not in the build', () => {
  it('is an error for the log, not for the client', () => {
    const error = errorOf(() => printerFor(guide).tags('nope.js'))
    expect(error).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND', status: 500, expose: false })
  })

  it('is reported with the manifest that was read, and its age', () => {
    const root = projectWith('src/other.ts', 2 * hour)
    const { message } = errorOf(() => printerOf({ root }).tags('nope.js'))
    expect(message).toContain('"nope.js"')
    expect(message).toContain(`${join(root, 'dist/.vite/manifest.json')} (written 1 hour ago)`)
  })

  it.each<[asked: string, suggested: string]>([
    ['views/fooo.js', '"views/foo.js"'],
    ['Views/Foo.js', '"views/foo.js"'],
    ['foo.js', '"views/foo.js"'],
    ['foo.ts', '"views/foo.js"'],
    ['src/foo.tsx', '"views/foo.js"'],
    ['/srv/app/views/bar.js', '"views/bar.js"'],
    ['fooo', '"foo"'],
  ])('asked for as %j is answered with %s', (asked, suggested) => {
    const { message } = errorOf(() => printerFor(guide).tags(asked))
    expect(message.split('\n')[0]).toContain(`Did you mean ${suggested}`)
  })

  it('is answered with no suggestion where nothing is near, and never with itself', () => {
    expect(errorOf(() => printerFor(guide).tags('views/completely-else.ts')).message).not.toContain(
      'Did you mean',
    )
    const twice: Manifest = {
      'a/main.ts': { file: 'a.js', name: 'main', isEntry: true },
      'b/main.ts': { file: 'b.js', name: 'main', isEntry: true },
    }
    const [what] = errorOf(() => printerFor(twice).tags('main')).message.split('\n')
    expect(what).toMatch(/Did you mean "a\/main\.ts" or "b\/main\.ts"\?$/)
  })

  it.each<[cause: string, asked: string]>([
    ['a typo', 'nope.js'],
    ['a file that is no input', 'src/other.ts'],
    ['a chunk', '_shared-B7PI925R.js'],
  ])('is answered with the entries that there are, be it %s', (_, asked) => {
    const root = projectWith('src/other.ts', 2 * hour)
    const { message } = errorOf(() => printerOf({ root }).tags(asked))
    expect(message).toContain('has the entries "baz.js", "views/bar.js", "views/foo.js"\n')
  })

  it('may be a file that exists but is no input', () => {
    const root = projectWith('src/other.ts', 2 * hour)
    const { message } = errorOf(() => printerOf({ root }).tags('/src/other.ts'))
    expect(message).toContain(`${join(root, 'src/other.ts')} exists, but it is not a build input`)
    expect(message).toContain('build.rollupOptions.input')
  })

  it('may be a file that is younger than the build', () => {
    const root = projectWith('src/other.ts', 0)
    const { message } = errorOf(() => printerOf({ root }).tags('src/other.ts'))
    expect(message).toContain(`the build is older than ${join(root, 'src/other.ts')}`)
    expect(message).toContain('vite build')
  })

  it('may be a chunk but not an entry', () => {
    for (const asked of ['_shared-B7PI925R.js', 'shared']) {
      const { message } = errorOf(() => printerFor(guide).tags(asked))
      expect(message).toContain('"_shared-B7PI925R.js" is in the manifest, but it is a chunk')
    }
  })

  it('may be an image', () => {
    expect(errorOf(() => printerFor(guide).tags('logo.svg')).message).toContain('viteAsset()')
  })

  it('may be asked of a manifest without entries', () => {
    expect(errorOf(() => printerFor({}).tags('a.js')).message).toContain('no entries at all')
    const { 'logo.svg': logo } = guide
    expect(errorOf(() => printerFor({ 'logo.svg': logo! }).tags('a.js')).message).toContain(
      'no entries at all',
    )
  })

  it('may be a name that two entries share', () => {
    const print = () =>
      printerFor({
        'a/main.ts': { file: 'a.js', name: 'main', isEntry: true },
        'b/main.ts': { file: 'b.js', name: 'main', isEntry: true },
      }).tags('main')
    expect(errorOf(print).message).toContain('"a/main.ts" and "b/main.ts"')
  })

  it('may be an HTML page that shares its script', () => {
    const root = projectWith('index.html', 2 * hour)
    const { message } = errorOf(() => printerOf({ root }).tags('index.html'))
    expect(message).toContain('shares its script')
  })

  it('may be a wrong name, and then the entries are listed, not all thousand of them', () => {
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [
        `e${index}.js`,
        { file: `${index}.js`, isEntry: true },
      ]),
    )
    const { message } = errorOf(() => printerFor(many).tags('something/else.ts'))
    expect(message).toContain('"e9.js" and 990 more')
    expect(message.length).toBeLessThan(2000)
    const near = errorOf(() => printerFor(many).tags('e77.ts')).message
    expect(near).toContain('has the entries "e77.js", ')
    expect(near).toContain('and 990 more')
  })

  it.each([
    '__proto__',
    'toString',
    'constructor',
    'a\0b',
    '\n',
    'x'.repeat(100_000),
    '../'.repeat(99),
  ])('may be any value that an app sets (%#)', (asked) => {
    const error = errorOf(() => printerFor(guide).tags(asked))
    expect(error.code).toBe('ERR_ENTRY_NOT_FOUND')
    expect(error.message.length).toBeLessThan(3000)
  })
})

describe('age', () => {
  it.each([
    [-5, '0 seconds'],
    [0, '0 seconds'],
    [1000, '1 second'],
    [59_999, '59 seconds'],
    [60_000, '1 minute'],
    [2 * hour, '2 hours'],
    [72 * hour, '3 days'],
  ])('says %d milliseconds as %s', (milliseconds, words) => {
    expect(age(milliseconds)).toBe(words)
  })
})
