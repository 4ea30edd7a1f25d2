// The table of a build: which keys can only be a missing asset.
import { describe, expect, it } from 'vitest'
import { createTable } from '../../src/serve/table.js'
import { directory, served } from './support.js'

const options = { maxAge: 0, compress: false, largest: 1000, dictionaries: false }
const tree = { 'index.html': '', 'assets/a-12345678.js': '', 'assets/deep/er/b.js': '' }

async function table({ base = '/', assetsDir = 'assets' } = {}) {
  const dir = await directory(tree)
  return createTable({ base, assetsDir, files: served(dir) }, options)
}

describe('a key that is no file', () => {
  it.each([
    ['/assets/gone.js', true],
    ['/assets/deep/gone.js', true],
    ['/assets', false],
    ['/assets/', false],
    ['/assets/deep', false],
    ['/assets/deep/', false],
    ['/assets/deep/er', false],
    ['/assetsx/gone.js', false],
    ['/gone.js', false],
    ['/', false],
    ['', false],
  ])('%j can only be a missing asset: %j', async (key, missing) => {
    expect((await table()).isMissing(key)).toBe(missing)
    expect((await table({ assetsDir: './assets//' })).isMissing(key)).toBe(missing)
    expect((await table({ base: '/app/' })).isMissing(`/app${key}`)).toBe(missing)
  })

  it.each(['', '.', '/'])('is the app’s where assets lie at the top (%j)', async (assetsDir) => {
    const { isMissing } = await table({ assetsDir })
    expect(['/gone.js', '//gone.js', '/assets/gone.js'].map(isMissing)).toEqual([
      false,
      false,
      false,
    ])
  })
})
