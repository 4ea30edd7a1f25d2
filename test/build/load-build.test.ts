import fs, { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type Build, loadBuild } from '../../src/build/load-build.js'
import type { Manifest } from '../../src/build/types.js'
import type { ConnectViteError } from '../../src/errors.js'
import type { ConnectViteOptions } from '../../src/options/types.js'
import { spyOnBuiltin } from '../serve/support.js'
import { buildOnDisk, guide, nowhere, productionSettings, tempDirectory } from '../tags/support.js'

const load = (options: ConnectViteOptions) => loadBuild(productionSettings(options))

function errorOf(options: ConnectViteOptions): ConnectViteError {
  try {
    load(options)
  } catch (error) {
    return error as ConnectViteError
  }
  throw new Error('nothing was thrown')
}

const json = JSON.stringify
const record = (fields: object) => ({
  'dist/.vite/connect-vite.json': json({ version: 1, outDir: 'dist', ...fields }),
})

describe('loadBuild finds', () => {
  it('the manifest of Vite 5 and later', () => {
    const root = buildOnDisk(guide)
    const { manifest, chunks, directories } = load({ root })
    expect(manifest.path).toBe(join(root, 'dist/.vite/manifest.json'))
    expect(chunks.size).toBe(6)
    expect(directories.map(({ outDir }) => outDir)).toEqual([join(root, 'dist')])
  })

  it('the manifest of Vite 4', () => {
    const root = tempDirectory({
      'dist/manifest.json': '{"a.js":{"file":"a.js"}}',
      'dist/a.js': '',
    })
    expect(load({ root }).manifest.path).toBe(join(root, 'dist/manifest.json'))
  })

  it('a manifest of another name, relative to outDir', () => {
    const root = tempDirectory({ 'out/meta/x.json': '{"a.js":{"file":"a.js"}}', 'out/a.js': '' })
    const build = load({ root, outDir: 'out', manifest: 'meta/x.json' })
    expect(build.manifest.path).toBe(join(root, 'out/meta/x.json'))
    expect([...build.files.keys()]).toEqual(['a.js'])
  })

  it('a build where the plugin recorded it', () => {
    const root = tempDirectory({
      'public/built/.vite/connect-vite.json': json({
        version: 1,
        outDir: 'public/built',
        base: '/x/',
      }),
      'public/built/.vite/manifest.json': '{}',
    })
    expect(load({ root })).toMatchObject({
      base: '/x/',
      manifest: { path: expect.stringContaining('built') },
    })
  })

  it('a file behind a link', () => {
    const root = buildOnDisk(guide)
    rmSync(join(root, 'dist/assets/baz-B2H3sXNv.js'))
    symlinkSync(
      join(root, 'dist/assets/bar-gkvgaI9m.js'),
      join(root, 'dist/assets/baz-B2H3sXNv.js'),
    )
    expect(load({ root }).chunks.size).toBe(6)
  })
})

describe('loadBuild refuses', () => {
  it.each<[what: string, files: Record<string, string>, code: string, says: RegExp]>([
    ['no directory', {}, 'ERR_BUILD_NOT_FOUND', /vite build did not run/],
    [
      'a directory without a manifest',
      { 'dist/a.js': '' },
      'ERR_BUILD_NOT_FOUND',
      /build\.manifest: true/,
    ],
    [
      'an empty manifest',
      { 'dist/.vite/manifest.json': '' },
      'ERR_MANIFEST_INVALID',
      /it is empty/,
    ],
    [
      'a manifest that breaks off',
      { 'dist/.vite/manifest.json': '{\n  "a.js": {\n    "fi' },
      'ERR_MANIFEST_INVALID',
      /line 3, column \d+/,
    ],
    [
      'a manifest with a fault in the middle',
      {
        'dist/.vite/manifest.json': `{\n "a.js": { "file": "a.js" },,\n "${'b'.repeat(200)}": {} }`,
      },
      'ERR_MANIFEST_INVALID',
      /line 2, column 29/,
    ],
    [
      'a manifest that is a list',
      { 'dist/.vite/manifest.json': '[]' },
      'ERR_MANIFEST_INVALID',
      /an array/,
    ],
    [
      "a web app's manifest",
      { 'dist/manifest.json': '{"name":"My app","icons":[]}' },
      'ERR_MANIFEST_INVALID',
      /web app's manifest/,
    ],
    [
      'a file that is not there',
      { 'dist/.vite/manifest.json': '{"a.js":{"file":"a.js","css":["a.css"]}}', 'dist/a.js': '' },
      'ERR_BUILD_INCOMPLETE',
      /1 of 2 files that are not there: a\.css/,
    ],
    [
      'a directory in place of a file',
      { 'dist/.vite/manifest.json': '{"a.js":{"file":"a"}}', 'dist/a/b': '' },
      'ERR_BUILD_INCOMPLETE',
      /not there: a$/m,
    ],
    [
      'an import map that is no import map',
      { 'dist/.vite/manifest.json': '{}', 'dist/importmap.json': '{"imports":[]}' },
      'ERR_MANIFEST_INVALID',
      /import map is not/,
    ],
  ])('%s', (_, files, code, says) => {
    const error = errorOf({ root: tempDirectory(files) })
    expect(error.code).toBe(code)
    expect(error.message).toMatch(says)
  })

  it.each([
    [5, 'a0.js, a1.js, a2.js, a3.js, a4.js\n'],
    [6, 'a0.js, a1.js, a2.js, a3.js, a4.js, …\n'],
  ])('%d files that are not there, of which it names five', (count, shown) => {
    const names = Array.from({ length: count }, (_, index) => `a${index}.js`)
    const manifest = Object.fromEntries(names.map((file) => [file, { file }]))
    const error = errorOf({ root: tempDirectory({ 'dist/.vite/manifest.json': json(manifest) }) })
    expect(error.message).toContain(`${count} of ${count} files that are not there: ${shown}`)
    expect(error.message).toMatch(/under way[\s\S]*Build again[\s\S]*manifest alone/)
  })

  it.each([
    ['blank', ' \n ', /it is empty[\s\S]*under way[\s\S]*Build again/],
    ['a word', 'word', /cannot be read: [^(]*JSON\.\n/],
    ['two marks of the byte order', '\uFEFF\uFEFF{}', /cannot be read/],
  ])('a manifest that is %s', (_, text, says) => {
    const error = errorOf({ root: tempDirectory({ 'dist/.vite/manifest.json': text }) })
    expect(error.code).toBe('ERR_MANIFEST_INVALID')
    expect(error.message).toMatch(says)
  })

  it('a manifest object, by that name', () => {
    const manifest = { 'a.js': {} } as unknown as Manifest
    expect(errorOf({ root: nowhere, manifest }).message).toContain('the manifest object that was')
  })

  it('a manifest of another name that is not there', () => {
    const root = buildOnDisk(guide)
    const error = errorOf({ root, manifest: 'x.json' })
    expect(error.code).toBe('ERR_BUILD_NOT_FOUND')
    expect(error.message).toContain(join(root, 'dist/x.json'))
  })
})

describe('loadBuild accepts', () => {
  it('a manifest without chunks, and warns', () => {
    const warnings: string[] = []
    const logger = { info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const root = tempDirectory({ 'dist/.vite/manifest.json': '{}' })
    expect(load({ root, logger }).chunks.size).toBe(0)
    load({ root, logger, manifest: {} })
    expect(warnings).toEqual([
      `The manifest ${join(root, 'dist/.vite/manifest.json')} is empty: there are no entries.`,
      'The manifest object is empty: there are no entries.',
    ])
  })

  it('a manifest with chunks, and says nothing', () => {
    const warn = vi.fn()
    load({ root: buildOnDisk(guide), logger: { info: warn, warn, error: warn } })
    expect(warn).not.toHaveBeenCalled()
  })

  it.each([
    ['.vite/connect-vite.json', true],
    ['.DS_Store', true],
    ['importmap.json', true],
    ['manifest.json', true],
    ['a.json.js', false],
    ['assets/data.json', false],
    ['index.html', false],
  ])('on a CDN, %s beside the manifest: %j', (file, accepted) => {
    const content = file.endsWith('connect-vite.json') ? '{"version":1}' : '{}'
    const root = tempDirectory({
      'dist/.vite/manifest.json': json(guide),
      [`dist/${file}`]: content,
    })
    const attempt = () => load({ root, base: 'https://cdn.test/' })
    if (accepted) expect(attempt().chunks.size).toBe(6)
    else expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_BUILD_INCOMPLETE' }))
  })

  it('a manifest with a byte order mark', () => {
    const root = tempDirectory({ 'dist/.vite/manifest.json': '\uFEFF{}' })
    expect(load({ root }).chunks.size).toBe(0)
  })

  it.each(['https://cdn.test/x', '//cdn.test/x/'])(
    'a manifest alone when the files live under %s',
    (base) => {
      const root = tempDirectory({ 'dist/.vite/manifest.json': json(guide) })
      expect(load({ root, base }).chunks.size).toBe(6)
      expect(errorOf({ root }).code).toBe('ERR_BUILD_INCOMPLETE')
    },
  )

  it('a manifest alone on a CDN, but not with half of its files', () => {
    const root = buildOnDisk(guide)
    rmSync(join(root, 'dist/assets/baz-B2H3sXNv.js'))
    expect(errorOf({ root, base: 'https://cdn.test/' }).code).toBe('ERR_BUILD_INCOMPLETE')
  })

  it('a manifest object without any directory', () => {
    expect(load({ root: nowhere, manifest: guide })).toMatchObject({ directories: [], base: '/' })
  })

  it('a manifest object beside its own files, which are served', () => {
    const root = buildOnDisk(guide)
    const { directories, manifest } = load({ root, manifest: guide })
    expect(directories).toHaveLength(1)
    expect(manifest.path).toBeUndefined()
  })

  it('a manifest object beside a directory of another purpose, which is not served', () => {
    const root = tempDirectory({ 'dist/server.js': 'secret' })
    expect(load({ root, manifest: guide }).directories).toEqual([])
    expect(load({ root, manifest: {} }).directories).toEqual([])
  })

  it('a manifest object with a directory that was named, which is checked', () => {
    const root = tempDirectory({ 'out/a.js': '' })
    const manifest: Manifest = { 'a.js': { file: 'a.js', isEntry: true } }
    expect(load({ root, outDir: 'out', manifest }).directories).toHaveLength(1)
    expect(errorOf({ root, outDir: 'out', manifest: guide }).code).toBe('ERR_BUILD_INCOMPLETE')
  })
})

describe('the base', () => {
  it.each([
    [undefined, undefined, '/'],
    [undefined, '/recorded/', '/recorded/'],
    ['/option/', '/recorded/', '/option/'],
    ['app', undefined, '/app/'],
    ['/app', undefined, '/app/'],
    ['', undefined, './'],
    ['./', '/recorded/', './'],
    [undefined, './', './'],
    ['https://cdn.test/x', undefined, 'https://cdn.test/x/'],
    ['//cdn.test', undefined, '//cdn.test/'],
    ['/a b/ü/', undefined, '/a%20b/%C3%BC/'],
    [undefined, '/a%20b/', '/a%20b/'],
  ])('given %j with %j recorded is %j', (base, recorded, expected) => {
    const root = buildOnDisk(guide, recorded === undefined ? {} : record({ base: recorded }))
    expect(load({ root, ...(base !== undefined && { base }) }).base).toBe(expected)
  })

  it('has its assets in a directory that the plugin recorded', () => {
    expect(load({ root: buildOnDisk(guide) }).assetsDir).toBe('assets')
    const deep = buildOnDisk(guide, record({ assetsDir: '//static/x//' }))
    expect(load({ root: deep }).assetsDir).toBe('static/x')
  })
})

describe('what a build knows of itself', () => {
  it('preloads unless the plugin recorded that Vite does not', () => {
    expect(load({ root: buildOnDisk(guide) }).modulePreload).toBe(true)
    expect(load({ root: buildOnDisk(guide, record({ modulePreload: false })) }).modulePreload).toBe(
      false,
    )
  })

  it('reads its files', () => {
    const { read } = load({ root: buildOnDisk(guide, { 'dist/x.txt': 'text' }) })
    expect(read('x.txt').toString()).toBe('text')
    expect(() => read('y.txt')).toThrow('ENOENT')
  })

  const style = { 'style.css': { file: 'assets/style-12345678.css', src: 'style.css' } }
  const main = { 'main.ts': { file: 'main.js', isEntry: true } }
  const split = { 'lazy.ts': { file: 'lazy.js', css: ['lazy.css'] } }
  it.each<[what: string, manifest: Manifest, recorded: object | undefined, stylesheet?: string]>([
    ['no such stylesheet', main, undefined],
    ['one for all', { ...main, ...style }, undefined, 'assets/style-12345678.css'],
    ['one that is only imported dynamically', { ...main, ...style, ...split }, undefined],
    [
      'one beside others, recorded',
      { ...main, ...style, ...split },
      { cssCodeSplit: false },
      'assets/style-12345678.css',
    ],
    ['one of a build that splits, recorded', { ...main, ...style }, { cssCodeSplit: true }],
    ['one that is an entry', { 'style.css': { ...style['style.css'], isEntry: true } }, undefined],
  ])('has %s', (_, manifest, recorded, stylesheet) => {
    const root = buildOnDisk(manifest, recorded && record(recorded))
    expect(load({ root }).stylesheet).toBe(stylesheet)
  })
})

describe('what is hidden', () => {
  it.each([
    ['.vite/manifest.json', true],
    ['.vite/connect-vite.json', true],
    ['.vite/license.md', true],
    ['server/entry-server.js', true],
    ['server/deep/chunk.js', true],
    ['serverless.js', false],
    ['admin/main.js', true],
    ['assets/foo-BRBmoGS9.js', false],
    ['importmap.json', false],
    ['manifest.webmanifest', false],
  ])('%s: %j', (file, hidden) => {
    const root = buildOnDisk(guide, {
      [`dist/${file}`]: '{}',
      ...record({ servers: { ssr: { outDir: 'dist/server', entries: {} } } }),
      'dist/admin/.vite/manifest.json': '{}',
    })
    expect(load({ root }).files.has(file)).toBe(!hidden)
  })

  it.each([
    ['hidden', true],
    [true, false],
  ])('source maps recorded as %j: %j', (sourcemap, hidden) => {
    const root = buildOnDisk(guide, { 'dist/assets/a.js.map': '{}', ...record({ sourcemap }) })
    expect(load({ root }).files.has('assets/a.js.map')).toBe(!hidden)
  })

  it('without a record, source maps that no script names', () => {
    const root = buildOnDisk(guide, {
      'dist/a.js': 'code()\n//# sourceMappingURL=a.js.map\n',
      'dist/a.js.map': '{}',
      'dist/b.js': 'code()\n',
      'dist/b.js.map': '{}',
      'dist/orphan.js.map': '{}',
      'dist/assets/longer-name.css': 'a{}\n/*# sourceMappingURL=longer-name.css.map */\n',
      'dist/assets/longer-name.css.map': '{}',
    })
    const maps = [...load({ root }).files.keys()].filter((file) => file.endsWith('.map'))
    expect(maps.sort()).toEqual(['a.js.map', 'assets/longer-name.css.map'])
  })

  it('looks at scripts for their maps without keeping them open', () => {
    const root = buildOnDisk(guide, { 'dist/a.js': 'code()', 'dist/a.js.map': '{}' })
    const free = () => {
      const descriptor = openSync(join(root, 'dist/a.js'), 'r')
      closeSync(descriptor)
      return descriptor
    }
    const before = free()
    for (let again = 0; again < 20; again++) load({ root })
    expect(free()).toBe(before)
  })

  it('does not hide files because of a server build outside outDir', () => {
    const names = ['undefined/a.js', 'dist-ssr/a.js', 'a.js']
    const root = buildOnDisk(guide, {
      ...Object.fromEntries(names.map((name) => [`dist/${name}`, ''])),
      ...record({ servers: { ssr: { outDir: 'dist-ssr', entries: {} } } }),
    })
    expect([...load({ root }).files.keys()]).toEqual(expect.arrayContaining(names))
  })

  it('the manifest of Vite 4', () => {
    const root = tempDirectory({
      'dist/manifest.json': '{"a.js":{"file":"a.js"}}',
      'dist/a.js': '',
    })
    expect([...load({ root }).files.keys()]).toEqual(['a.js'])
  })
})

const immutableFiles = ({ files }: Build) =>
  [...files.values()].filter(({ immutable }) => immutable).map(({ file }) => file)

describe('what is immutable', () => {
  const manifest: Manifest = {
    'src/main.ts': {
      file: 'assets/main-BRBmoGS9.js',
      name: 'main',
      isEntry: true,
      css: ['assets/main-Cmb2xi-X.css'],
      assets: ['assets/font.A1_b-C2d.woff2', 'assets/plain.png'],
    },
    'src/my-checkout.ts': { file: 'assets/my-checkout.js', name: 'my-checkout', isEntry: true },
    'src/checkout.ts': { file: 'checkout.js', name: 'checkout', isEntry: true },
    '_x.js': { file: 'assets/12345678.js', name: 'x' },
    '_chunk.js': { file: 'assets/of-words.js', name: 'of-words' },
    '_other.js': { file: 'assets/by_words.js', src: 'lib/by_words.ts' },
    _bare: {
      file: 'assets/dot.less-abcdefgh.js',
      assets: ['assets/dot.less-A1b2C3d4.js', 'assets/CKKKhCmz.js', 'assets/analyzer.js'],
    },
    // As Vite 5 and Vite 8 list what a plugin emits under a fixed name.
    'messages.json': { file: 'assets/messages-en-US-v1.json', src: 'messages.json' },
    '_dict-version2.json': { file: 'assets/dict-version2.json', src: '_dict-version2.json' },
    'src/lib.ts': { file: 'assets/lib-es2020v3.js', name: 'lib', isEntry: true },
  }
  it.each([
    ['assets/main-BRBmoGS9.js', true],
    ['assets/main-Cmb2xi-X.css', true],
    ['assets/font.A1_b-C2d.woff2', true],
    ['assets/12345678.js', false],
    ['assets/CKKKhCmz.js', true],
    ['assets/analyzer.js', false],
    ['assets/messages-en-US-v1.json', false],
    ['assets/dict-version2.json', false],
    ['assets/lib-es2020v3.js', false],
    ['assets/plain.png', false],
    ['assets/of-words.js', false],
    ['assets/by_words.js', false],
    ['assets/dot.less-A1b2C3d4.js', true],
    ['assets/dot.less-abcdefgh.js', false],
    ['assets/my-checkout.js', false],
    ['checkout.js', false],
    ['assets/main-BRBmoGS9.js.map', false],
    ['not-listed-BRBmoGS9.js', false],
  ])('without a record, %s: %j', (file, immutable) => {
    const root = buildOnDisk(manifest, { [`dist/${file}`]: '//# sourceMappingURL=x' })
    expect(load({ root }).files.get(file)?.immutable ?? false).toBe(immutable)
  })

  it('is what the plugin recorded', () => {
    const root = buildOnDisk(guide, { 'dist/odd.name': '', ...record({ hashed: ['odd.name'] }) })
    expect(immutableFiles(load({ root }))).toEqual(['odd.name'])
  })

  it('is what the option says', () => {
    const files = { 'dist/x': '', 'dist/odd.name': '' }
    const root = buildOnDisk(guide, { ...files, ...record({ hashed: ['odd.name'] }) })
    expect(immutableFiles(load({ root, immutable: (file) => file === 'x' }))).toEqual(['x'])
  })
})

describe('older builds', () => {
  it('come with their own rules', () => {
    const root = buildOnDisk(guide)
    mkdirSync(join(root, 'old/.vite'), { recursive: true })
    writeFileSync(join(root, 'old/.vite/manifest.json'), '{"a.js":{"file":"a-12345678.js"}}')
    for (const name of ['a-12345678.js', 'b-12345678.js']) {
      writeFileSync(join(root, 'old', name), '')
      writeFileSync(join(root, 'dist', name), '')
    }
    const { directories } = load({ root, outDir: ['dist', 'old'] })
    expect(directories.map(({ outDir }) => outDir)).toEqual([join(root, 'dist'), join(root, 'old')])
    expect(directories[1]!.files.get('a-12345678.js')!.immutable).toBe(true)
    expect(directories[1]!.files.get('b-12345678.js')!.immutable).toBe(false)
    expect(directories[0]!.files.get('a-12345678.js')!.immutable).toBe(false)
  })

  it('add what never changes, and nothing that the current one has', () => {
    const root = buildOnDisk(guide, {
      'old/.vite/manifest.json': json({
        'a.ts': { file: 'assets/foo-BRBmoGS9.js' },
        'b.ts': { file: 'assets/gone-B7PI925R.js' },
      }),
      'old/assets/foo-BRBmoGS9.js': '',
      'old/assets/gone-B7PI925R.js': '',
      'old/index.html': '',
    })
    const { files } = load({ root, outDir: ['dist', 'old'] })
    expect(files.get('assets/gone-B7PI925R.js')!.path).toContain('/old/')
    expect(files.get('assets/foo-BRBmoGS9.js')!.path).toContain('/dist/')
    expect(files.has('index.html')).toBe(false)
  })

  it('are left out with a warning when they cannot be read', () => {
    const warnings: string[] = []
    const logger = { info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const root = buildOnDisk(guide)
    expect(load({ root, outDir: ['dist', 'gone'], logger }).directories).toHaveLength(1)
    expect(warnings.join()).toContain('gone')
  })
})

describe('a large build', () => {
  it('is looked at once, file by file, and not again for each name in the manifest', () => {
    const manifest: Manifest = {}
    for (let index = 0; index < 1000; index++)
      manifest[`k${index}`] = { file: `assets/${index}.js`, isEntry: true }
    const root = buildOnDisk(manifest)
    const looks = (['lstatSync', 'statSync', 'openSync', 'readdirSync'] as const).map((name) =>
      spyOnBuiltin(fs, name),
    )
    expect(load({ root }).files.size).toBe(1000)
    const [lstat, ...others] = looks.map(({ mock }) => mock.calls.length)
    expect(lstat).toBeLessThan(1010)
    expect(others.every((count) => count < 10)).toBe(true)
  })
})
