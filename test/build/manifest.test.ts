import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../src/build/manifest.js'
import { ConnectViteError } from '../../src/errors.js'

function errorOf(value: unknown, where = '/app/dist/.vite/manifest.json'): ConnectViteError {
  try {
    parseManifest(value, where)
  } catch (error) {
    return error as ConnectViteError
  }
  throw new Error('nothing was thrown')
}

describe('parseManifest', () => {
  it('keeps every key, names of Object.prototype included', () => {
    const json = '{"__proto__":{"file":"a.js"},"constructor":{"file":"b.js"}}'
    const chunks = parseManifest(JSON.parse(json), 'x')
    expect([...chunks.keys()]).toEqual(['__proto__', 'constructor'])
    expect(chunks.get('toString')).toBeUndefined()
  })

  it('accepts a manifest without chunks', () => {
    expect(parseManifest({}, 'x').size).toBe(0)
  })

  it.each<[fault: string, value: unknown, says: RegExp]>([
    ['null', null, /is null, not an object/],
    ['an array', [], /is an array/],
    ['a string', 'x', /is a string/],
    ['a chunk that is no object', { 'a.js': 'x' }, /"a\.js" that is not an object/],
    ['a chunk without a file', { 'a.js': { src: 'a.js' } }, /"a\.js" without 'file'/],
    ['an empty file', { 'a.js': { file: '' } }, /without 'file'/],
    ['css that is no list', { 'a.js': { file: 'a', css: 'a.css' } }, /'css' is not a list/],
    ['assets with a number', { 'a.js': { file: 'a', assets: [1] } }, /'assets' is not a list/],
    [
      'a file outside the build',
      { 'a.js': { file: '../a.js' } },
      /"\.\.\/a\.js", which lies outside/,
    ],
    ['an absolute stylesheet', { 'a.js': { file: 'a', css: ['/etc/x.css'] } }, /"\/etc\/x\.css"/],
    ['an asset outside', { 'a.js': { file: 'a', assets: ['b/../../c'] } }, /"b\/\.\.\/\.\.\/c"/],
    ['a flag that is a string', { 'a.js': { file: 'a', isEntry: 'yes' } }, /'isEntry'/],
    ['a name that is a number', { 'a.js': { file: 'a', name: 3 } }, /'name' is not a string/],
    [
      'an import that names no key',
      { 'a.js': { file: 'a', imports: ['b.js'] } },
      /lacks "b\.js", which "a\.js" names in its imports/,
    ],
    [
      'an import of what every object inherits',
      { 'a.js': { file: 'a', imports: ['__proto__'] } },
      /lacks "__proto__"/,
    ],
    [
      'a dynamic import that names no key',
      { 'a.js': { file: 'a', dynamicImports: ['b.js'] } },
      /in its dynamicImports/,
    ],
  ])('refuses %s', (_, value, says) => {
    const error = errorOf(value)
    expect(error).toBeInstanceOf(ConnectViteError)
    expect(error.code).toBe('ERR_MANIFEST_INVALID')
    expect(error.message).toMatch(says)
    expect(error.message).toContain('/app/dist/.vite/manifest.json')
  })

  it('suspects a web app manifest where one usually lies', () => {
    expect(errorOf({ name: 'My app' }, '/app/dist/manifest.json').message).toContain("web app's")
    expect(errorOf({ name: 'My app' }).message).not.toContain("web app's")
  })
})
