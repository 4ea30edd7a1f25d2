import { describe, expect, it } from 'vitest'
import { baseAt, baseOf, basePath, encodePath, encodeUrl } from '../src/urls.js'

describe('baseOf', () => {
  it.each([
    ['/', '/'],
    ['', './'],
    ['.', './'],
    ['./', './'],
    ['app', '/app/'],
    ['/app', '/app/'],
    ['/app/', '/app/'],
    ['https://cdn.test', 'https://cdn.test/'],
    ['HTTPS://cdn.test/x', 'HTTPS://cdn.test/x/'],
    ['//cdn.test/x', '//cdn.test/x/'],
    ['/ü b/', '/%C3%BC%20b/'],
    ['/%C3%BC/', '/%C3%BC/'],
    ['/a\r\nb>/', '/a%0D%0Ab%3E/'],
    ['/100%/', '/100%25/'],
    ['/\uD800/', '/%EF%BF%BD/'],
  ])('of %j is %j, and stays that', (value, base) => {
    expect(baseOf(value)).toBe(base)
    expect(baseOf(base)).toBe(base)
  })
})

describe('baseAt', () => {
  it.each([
    ['./', '/sub/', '/sub/'],
    ['./', '//evil.test/', '/evil.test/'],
    ['./', '///evil.test/', '/evil.test/'],
    ['/app/', '/sub/', '/app/'],
  ])('%s mounted at %s is %s', (base, mount, expected) => {
    expect(baseAt(base, mount)).toBe(expected)
  })
})

describe('encodePath', () => {
  it('gives every name a URL that leads back to it', () => {
    for (let code = 0; code < 0x400; code++) {
      const name = `a${String.fromCharCode(code)}b.js`
      const url = new URL(`/${encodePath(name)}`, 'http://x.test/')
      expect([url.search, url.hash]).toEqual(['', ''])
      expect(decodeURIComponent(url.pathname)).toBe(`/${name}`)
    }
  })

  it('leaves alone what imports between chunks leave alone', () => {
    expect(encodePath("@a/b+c~d!e$f&g'h(i)*j,k;l=m:n")).toBe("@a/b+c~d!e$f&g'h(i)*j,k;l=m:n")
  })
})

describe('encodeUrl', () => {
  it('is the same the second time', () => {
    for (const url of ['/a b?x=ü#%', 'https://x.test/%20"<>', '%', '%2', '%zz', '\uDC00'])
      expect(encodeUrl(encodeUrl(url))).toBe(encodeUrl(url))
  })
})

describe('basePath', () => {
  it.each([
    ['/', '/'],
    ['/app/', '/app/'],
    ['/app', '/app/'],
    ['', '/'],
    ['./', '/'],
    ['https://cdn.test/x/', '/x/'],
    ['https://cdn.test', '/'],
    ['//cdn.test/x/', '/x/'],
    ['/a b/ü/', '/a%20b/%C3%BC/'],
    ['/a%20b/%c3%bc/', '/a%20b/%C3%BC/'],
  ])('of %j is %j', (base, path) => {
    expect(basePath(baseOf(base))).toBe(path)
  })
})
