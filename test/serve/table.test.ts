// The table of a build: what it has, what can only be a missing asset, and what it says of a directory that is not there.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConnectViteError } from '../../src/errors.js'
import { type BuildSettings, createTable } from '../../src/serve/table.js'
import { build, directory, log } from './support.js'

const options = { maxAge: 0, compress: false, largest: 1000, dictionaries: false }
const tree = { 'index.html': '', 'assets/a-12345678.js': '', 'assets/deep/er/b.js': '' }

async function table({ base = '/', assetsDir = 'assets' } = {}) {
  const dir = await directory(tree)
  return createTable({ base, assetsDir, directories: [build(dir)] }, options, log())
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

describe('a directory that is not there', () => {
  async function settings(hashedOnly: boolean): Promise<BuildSettings> {
    const dir = join(await directory(), 'gone')
    return { base: '/', assetsDir: 'assets', directories: [build(dir, { hashedOnly })] }
  }

  it('has no files, where it is that of an older build', async () => {
    const { assets, files } = createTable(await settings(true), options, log())
    expect([assets.size, files.size]).toEqual([0, 0])
  })

  it('is an error, where it is that of the build', async () => {
    const given = await settings(false)
    const attempt = () => createTable(given, options, log())
    expect(attempt).toThrow(
      expect.objectContaining<Partial<ConnectViteError>>({
        code: 'ERR_BUILD_NOT_FOUND',
        message: expect.stringMatching(
          /^The build directory cannot be read\.\n {2}Looked in: .*gone\n {2}Likely cause: ENOENT.*\n {2}What to do: Run `vite build`/,
        ),
      }),
    )
  })
})

it('an older build adds what never changes, and nothing that the current one has', async () => {
  const current = await directory({ 'assets/a-12345678.js': 'new' })
  const old = await directory({
    'assets/a-12345678.js': 'old',
    'assets/b-12345678.js': '',
    'c.js': '',
  })
  const directories = [build(current), build(old, { hashedOnly: true })]
  const { assets, files } = createTable(
    { base: '/', assetsDir: 'assets', directories },
    options,
    log(),
  )
  expect([...files].sort()).toEqual(['assets/a-12345678.js', 'assets/b-12345678.js'])
  expect(assets.get('/assets/a-12345678.js')!.source.path).toContain(current)
})
