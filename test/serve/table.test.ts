// The table of a build: which keys can only be a missing asset.
import { describe, expect, it } from 'vitest'
import { createTable } from '../../src/serve/table.js'
import { directory, served } from './support.js'

const options = { maxAge: 0, compress: false, cacheSize: 1000, atMount: false, dictionaries: false }
const tree = { 'index.html': '', 'assets/a-12345678.js': '', 'assets/deep/er/b.js': '' }

async function table({ base = '/', assetsDir = 'assets' } = {}) {
  const dir = await directory(tree)
  return createTable({ base, assetsDir, files: served(dir) }, options)
}

describe('a key that is no file', () => {
  it.each([
    ['/assets/gone-12345678.js', true],
    ['/assets/deep/gone-B7PI925R.mjs', true],
    ['/assets/gone-BRBmoGS9.js.map', true],
    ['/assets/inter-BuPIv-2h.woff2', true],
    ['/assets/logo-12345678.png', true],
    ['/assets/CKKKhCmz.css', true],
    // The app's own, of an `express.static` or a route.
    ['/assets/own.txt', false],
    ['/assets/42', false],
    ['/assets/own-12345678.html', false],
    ['/assets/report-12345678.json', false],
    ['/assets/logo.png', false],
    ['/assets/app.js', false],
    ['/assets/analyzer.js', false],
    ['/assets/OpenSans-SemiBold.woff2', false],
    ['/assets/photo-20240131.jpg', false],
    ['/assets/hero-1280x720.png', false],
    ['/assets', false],
    ['/assets/', false],
    ['/assets/deep', false],
    ['/assets/deep/', false],
    ['/assets/deep/er', false],
    ['/assetsx/gone-12345678.js', false],
    ['/gone-12345678.js', false],
    ['/', false],
    ['', false],
  ])('%j can only be a missing asset: %j', async (key, missing) => {
    expect((await table()).isMissing(key)).toBe(missing)
    expect((await table({ assetsDir: './assets//' })).isMissing(key)).toBe(missing)
    expect((await table({ base: '/app/' })).isMissing(`/app${key}`)).toBe(missing)
  })

  it.each(['', '.', '/'])('is the app’s where assets lie at the top (%j)', async (assetsDir) => {
    const { isMissing } = await table({ assetsDir })
    const keys = ['/gone', '//gone', '/assets/gone'].map((name) => `${name}-12345678.js`)
    expect(keys.map(isMissing)).toEqual([false, false, false])
  })
})
