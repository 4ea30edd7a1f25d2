// Which names carry a hash, for every way in which an output can be named.
import { describe, expect, it } from 'vitest'
import {
  hashedFiles as filesWithHashes,
  type NamingPatterns,
  type OutputFile,
} from '../../src/plugin/hashed.js'

type Parameters = [OutputFile[], NamingPatterns, ReadonlyMap<string, string>?]
const hashedFiles = (...parameters: Parameters) => [...filesWithHashes(...parameters).keys()]
const hashesOf = (...parameters: Parameters) => [...filesWithHashes(...parameters).values()]

const usual: NamingPatterns = {
  entryFileNames: 'assets/[name]-[hash].js',
  chunkFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
}
const unhashed: NamingPatterns = {
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  assetFileNames: '[name][extname]',
}

const entry = (fileName: string, name: string): OutputFile => ({
  type: 'chunk',
  isEntry: true,
  fileName,
  name,
})
const asset = (fileName: string, ...names: string[]): OutputFile => ({
  type: 'asset',
  fileName,
  names,
})

describe('a name carries a hash when the pattern gave it one', () => {
  it.each<[string, OutputFile, NamingPatterns]>([
    ['an entry', entry('assets/main-Bq1w2e3r.js', 'main'), usual],
    ['a hash of lower-case letters alone', entry('assets/main-abcdefgh.js', 'main'), usual],
    ['a chunk', { type: 'chunk', fileName: 'assets/lazy-DEE72cJk.js', name: 'lazy' }, usual],
    ['an asset', asset('assets/logo-CRDRlj-C.svg', 'logo.svg'), usual],
    [
      'an asset of Rollup before 4.20',
      { type: 'asset', fileName: 'assets/a-CRDRlj-C.svg', name: 'a.svg' },
      usual,
    ],
    ['an asset whose name has a path', asset('assets/logo-CRDRlj-C.svg', 'img/logo.svg'), usual],
    ['a name with a slash', entry('assets/admin/bar-CRDRlj-C.js', 'admin/bar'), usual],
    [
      'a name that the bundler changed',
      entry('assets/_virtual_app-CRDRlj-C.js', '\0virtual:app'),
      usual,
    ],
    ['a name with dots', asset('assets/a.min-CRDRlj-C.css', 'a.min.css'), usual],
    [
      'a longer hash',
      entry('main.0123456789abcdef.js', 'main'),
      { entryFileNames: '[name].[hash:16].js' },
    ],
    ['a hash alone', entry('js/CRDRlj-C.js', 'main'), { entryFileNames: 'js/[hash].js' }],
    ['[ext]', asset('a/x.CRDRlj-C.css', 'x.css'), { assetFileNames: 'a/[name].[hash].[ext]' }],
    [
      'a function',
      entry('e/main-CRDRlj-C.js', 'main'),
      { entryFileNames: () => 'e/[name]-[hash].js' },
    ],
  ])('%s', (_, file, patterns) => {
    expect(hashedFiles([file], patterns)).toEqual([file.fileName])
  })

  it.each<[string, OutputFile, NamingPatterns]>([
    ['the pattern has none', entry('main-CRDRlj-C.js', 'main-CRDRlj-C'), unhashed],
    ['an explicit name beside the pattern', asset('importmap.json'), usual],
    ['an explicit name that fits the pattern by chance', asset('assets/vendor-polyfill.js'), usual],
    ['a capitalised word', asset('assets/page-Settings.js'), usual],
    ['a version in a fixed name', asset('assets/messages-en-US-v1.json'), usual],
    ['a fixed name with digits', asset('assets/lib-es2020v3.js'), usual],
    ['a date', asset('assets/report-20241231.csv'), usual],
    ['another name than the pattern made', entry('assets/vendor-polyfill.js', 'polyfill'), usual],
    ['a source map', asset('assets/main-DEE72cJk.js.map', 'main.js.map'), usual],
    ['a function without a hash', entry('sw.js', 'sw'), { entryFileNames: () => '[name].js' }],
    [
      'a function that throws',
      entry('a-CRDRlj-C.js', 'a'),
      {
        entryFileNames: () => {
          throw new Error('no')
        },
      },
    ],
    ['no pattern at all', entry('assets/main-CRDRlj-C.js', 'main'), {}],
  ])('not: %s', (_, file, patterns) => {
    expect(hashedFiles([file], patterns)).toEqual([])
  })

  it('asks the function about the file itself', () => {
    const patterns: NamingPatterns = {
      entryFileNames: ((info: OutputFile) =>
        info.name === 'sw' ? 'sw.js' : '[name]-[hash].js') as never,
    }
    const files = [entry('sw.js', 'sw'), entry('main-CRDRlj-C.js', 'main')]
    expect(hashedFiles(files, patterns)).toEqual(['main-CRDRlj-C.js'])
  })

  it("knows the files of workers' bundles, whose names are fixed in the client's", () => {
    const worker = asset('assets/w-FwzhleQm.js')
    expect(hashedFiles([worker], usual)).toEqual([])
    expect(hashedFiles([worker], usual, new Map([[worker.fileName, 'FwzhleQm']]))).toEqual([
      worker.fileName,
    ])
  })

  it('takes time that grows with the length of name and pattern, and no faster', () => {
    const separators = '-.'.repeat(2000)
    const file = entry(`${'a'.repeat(4000)}${separators}x.js`, `a${'+a'.repeat(200)}`)
    const start = performance.now()
    const patterns = { entryFileNames: `[name]${'-[format]'.repeat(40)}-[hash].js` }
    expect(hashedFiles([file], patterns)).toEqual([])
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it.each<[string, OutputFile, NamingPatterns, string]>([
    ['the usual pattern', entry('assets/main-Bq1w2e3r.js', 'main'), usual, 'Bq1w2e3r'],
    ['a dash within the hash', asset('assets/logo-CRDRlj-C.svg', 'logo.svg'), usual, 'CRDRlj-C'],
    ['a name with dashes', entry('assets/my-admin-x-Bq1w2e3r.js', 'my-admin-x'), usual, 'Bq1w2e3r'],
    [
      'a name that looks like a hash',
      entry('assets/CRDRlj-C-Bq1w2e3r.js', 'CRDRlj-C'),
      usual,
      'Bq1w2e3r',
    ],
    [
      'a directory',
      entry('Bq1w2e3r/main.js', 'main'),
      { entryFileNames: '[hash]/[name].js' },
      'Bq1w2e3r',
    ],
    [
      'a longer one in front',
      entry('0123456789abcdef_main.js', 'main'),
      { entryFileNames: '[hash:16]_[name].js' },
      '0123456789abcdef',
    ],
    [
      'one in a directory and in the name',
      entry('Bq1w2e3r/main.Bq1w2e3r.js', 'main'),
      { entryFileNames: '[hash]/[name].[hash].js' },
      'Bq1w2e3r',
    ],
    [
      'two of several lengths, which no one part can stand for',
      entry('Bq1w/main.Bq1w2e3r.js', 'main'),
      { entryFileNames: '[hash:4]/[name].[hash].js' },
      '',
    ],
    [
      'a name that the bundler changed',
      entry('assets/_virtual_app-CRDRlj-C.js', '\0virtual:app'),
      usual,
      'CRDRlj-C',
    ],
    [
      '[extname]',
      asset('a/CRDRlj-C.x.css', 'x.css'),
      { assetFileNames: 'a/[hash].[name][extname]' },
      'CRDRlj-C',
    ],
  ])('tells the hash itself: %s', (_, file, patterns, hash) => {
    expect(hashesOf([file], patterns)).toEqual([hash])
  })
})
