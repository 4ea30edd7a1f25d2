// Options that cannot be meant are refused at once, with the name that was probably meant.
import { describe, expect, it } from 'vitest'
import { resolveSettings } from '../../src/options/resolve.js'
import { optionTable } from '../../src/options/table.js'
import type { ConnectViteOptions } from '../../src/options/types.js'

const resolve = (options: unknown) => resolveSettings(options as ConnectViteOptions)

describe('a name that does not exist', () => {
  it.each([
    [{ outdir: 'x' }, "Did you mean 'outDir'?"],
    [{ manifst: 'x' }, "Did you mean 'manifest'?"],
    [{ crossOrigin: true }, "Did you mean 'crossorigin'?"],
    [{ devServer: { porxy: true } }, "Did you mean 'devServer.proxy'?"],
    [JSON.parse('{"__proto__": 1}'), "no option '__proto__'"],
    [{ somethingElseEntirely: 1 }, 'Options are mode, root'],
  ])('%j is refused with the nearest valid name', (options, message) => {
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringContaining(message),
      }),
    )
  })
})

describe('a value of the wrong type', () => {
  const wrong: Record<keyof ConnectViteOptions, unknown[]> = {
    mode: ['prod', '', true, 1],
    root: ['', 1, null, []],
    base: [1, null, {}],
    outDir: ['', [], [1], [''], {}],
    manifest: ['', [], 1, true],
    devServer: ['5173', 'ftp://x', true, 5173, [], { url: 'nonsense' }, { paths: '/x' }],
    nonce: ['', 1, {}, true],
    integrity: ['md5', 1, 'SHA256'],
    crossorigin: ['', 'yes', 1],
    attributes: ['defer', [], { script: 'defer' }, { scripts: {} }],
    preload: [true, 'tags', null],
    prefetch: ['yes', 1],
    fonts: ['woff2', 1, ['a.woff2']],
    cssOrder: ['vite', true],
    recover: ['yes', 1],
    name: ['', '1x', 'a-b', 1, 'x.y'],
    watch: ['yes', 1],
    immutable: [true, /x/],
    maxAge: [-1, '60', Number.NaN, Number.POSITIVE_INFINITY],
    compress: ['br', 1],
    dictionaries: ['dcz', 1],
    cacheSize: [-1, '64mb'],
    serveAt: ['cdn', '', true, 1],
    setHeaders: [{}, true],
    logger: [{}, { info() {} }, 'console', true],
  }
  const rows = Object.entries(wrong).flatMap(([key, values]) =>
    values.map((v) => [key, v] as const),
  )

  it.each(rows)('%s: %j is refused, and the message says what is wanted', (key, value) => {
    expect(() => resolve({ [key]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`'${key}`) }),
    )
  })

  it.each([
    [{ maxAge: '1d' }, "The option 'maxAge' of connectVite() cannot be '1d'."],
    [{ maxAge: '1d' }, 'Use a number of seconds, such as 86400'],
    [{ cacheSize: '64mb' }, 'Use a number of bytes, such as 33554432'],
    [{ preload: true }, "Use one of 'tag', 'header', 'both', false"],
    [
      { devServer: { paths: '/x' } },
      "The option 'devServer.paths' of connectVite() cannot be '/x'",
    ],
    [{ attributes: { scripts: {} } }, "Did you mean 'attributes.script'?"],
  ])('%j: the message names the option and what to write: %s', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
  })

  it('covers every option', () => {
    expect(Object.keys(wrong).sort()).toEqual(Object.keys(optionTable).sort())
  })

  it.each([[null], ['production'], [[]], [1]])(
    'connectVite(%j) is refused as a whole',
    (options) => {
      expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    },
  )
})

describe('what is left out', () => {
  it('is the same as undefined', () => {
    const keys = Object.keys(optionTable).map((key) => [key, undefined])
    expect(resolve({ ...Object.fromEntries(keys), mode: 'stub' })).toEqual(
      resolve({ mode: 'stub' }),
    )
  })

  it('has the default of the table', () => {
    expect(resolve({ mode: 'production' })).toMatchObject({
      maxAge: 0,
      cacheSize: 64 * 1024 * 1024,
      compress: true,
      dictionaries: true,
      serveAt: 'base',
      name: 'vite',
      preload: 'tag',
      cssOrder: 'entry-first',
      root: process.cwd(),
    })
  })

  it.each([
    ['production', 'production'],
    ['test', 'stub'],
    ['development', 'development'],
    ['staging', 'development'],
    [undefined, 'development'],
  ])('mode with NODE_ENV=%s is %s, read at the call', (environment, mode) => {
    const before = process.env.NODE_ENV
    try {
      if (environment === undefined) delete process.env.NODE_ENV
      else process.env.NODE_ENV = environment
      expect(resolve({}).mode).toBe(mode)
    } finally {
      process.env.NODE_ENV = before
    }
  })
})

describe('an option that one mode heeds', () => {
  it('is checked in every mode', () => {
    expect(() => resolve({ mode: 'stub', maxAge: '1d' })).toThrow("'maxAge'")
    expect(() => resolve({ mode: 'production', devServer: 5173 })).toThrow("'devServer'")
  })

  it('is a setting of that mode alone', () => {
    const options = { maxAge: 60, devServer: 'http://localhost:5173' }
    expect(resolve({ ...options, mode: 'production' })).toHaveProperty('maxAge', 60)
    expect(resolve({ ...options, mode: 'production' })).not.toHaveProperty('devServer')
    expect(resolve({ ...options, mode: 'development' })).not.toHaveProperty('maxAge')
    expect(Object.keys(resolve({ ...options, mode: 'stub' }))).not.toContain('devServer')
  })
})

describe('what is given', () => {
  it('becomes frozen settings in one form, and the caller keeps its object', () => {
    const options: ConnectViteOptions = Object.freeze({
      mode: 'production',
      root: '/srv/app',
      outDir: ['build', '/old/build'],
      integrity: true,
      crossorigin: true,
    })
    const settings = resolve(options)
    expect(settings).toMatchObject({
      outDir: ['/srv/app/build', '/old/build'],
      integrity: 'sha384',
      crossorigin: 'anonymous',
    })
    expect(Object.isFrozen(settings)).toBe(true)
  })

  it('devServer may be a string, a URL or an object', () => {
    const url = new URL('http://localhost:5173')
    for (const devServer of ['http://localhost:5173', url, { url }]) {
      const settings = resolve({ mode: 'development', devServer })
      expect(settings).toMatchObject({
        devServer: { url, proxy: true, paths: [], allowedHosts: [] },
      })
    }
  })
})
