// Request targets and file names.
import { describe, expect, it } from 'vitest'
import { requestKey, spellings } from '../../src/serve/keys.js'

const NAMES = [
  'plain-name_1.js',
  'a b.png',
  'a#b.png',
  'a?b.png',
  '100%.png',
  '50%25.png',
  '%61.js',
  'ü/日本語.png',
  'emoji-😀.png',
  `quotes"'\`.png`,
  'back\\slash.png',
  'a^b[c]{d}|e.png',
  'reserved !$&()*+,;=:@.png',
  'line\nbreak\ttab.txt',
  '__proto__',
  'trailing space ',
]

describe('spellings', () => {
  it.each(NAMES)('has %j as a browser sends it once a page has escaped it', (name) => {
    // What only a page can escape, because to a browser it means something else.
    const written = name.replace(/[%#?\\\s]/g, encodeURIComponent)
    expect(spellings(name)).toContain(new URL(`/${written}`, 'http://h').pathname.slice(1))
  })

  it.each(NAMES)('has %j as encodeURIComponent and encodeURI write it', (name) => {
    expect(spellings(name)).toContain(name.split('/').map(encodeURIComponent).join('/'))
    expect(spellings(name)).toContain(encodeURI(name).replace(/[?#]/g, encodeURIComponent))
  })

  it.each(NAMES)('has no spelling of %j that means another name', (name) => {
    for (const spelling of spellings(name)) {
      const decoded = decodeURIComponent(spelling.replace(/%(?![0-9a-f]{2})/gi, '%25'))
      expect(decoded).toBe(name)
      expect(spelling).not.toMatch(/[?#]/)
    }
  })

  it('gives an ordinary name one spelling', () => {
    expect(spellings('assets/index-DiwrgTda.js')).toEqual(['assets/index-DiwrgTda.js'])
  })

  it('knows a raw percent sign that begins no escape, and not one that does', () => {
    expect(spellings('100%.png')).toContain('100%.png')
    expect(spellings('%61.js')).not.toContain('%61.js')
  })

  it('takes one hexadecimal digit for no escape', () => {
    expect(spellings('4%4.png')).toContain('4%4.png')
    expect(spellings('%4x%41')).toContain('%4x%2541')
    expect(spellings('%4x%41')).not.toContain('%4x%41')
  })

  it('knows both opinions that browsers have of the caret', () => {
    expect(spellings('a^[b]')).toEqual(expect.arrayContaining(['a%5E[b]', 'a^[b]']))
  })
})

describe('requestKey', () => {
  it.each([
    ['/a.js', '/a.js'],
    ['/a.js?v=1', '/a.js'],
    ['/a.js?', '/a.js'],
    ['/a.js?x=/b?c', '/a.js'],
    ['/%c3%bc', '/%C3%BC'],
    ['/%C3%BC', '/%C3%BC'],
    ['/%zz%6', '/%zz%6'],
    ['/%61', '/%61'],
    ['//a.js', '//a.js'],
    ['/./a.js', '/./a.js'],
    ['/A.js', '/A.js'],
    ['http://host/a.js?q', '/a.js'],
    ['HTTPS://host:8443/a.js', '/a.js'],
    ['http://user@host//a.js', '//a.js'],
    ['http://host', ''],
    ['http://host?/a.js', ''],
    ['http://host#/a.js', '#/a.js'],
    ['ftp://host/a.js', ''],
    ['javascript:/a.js', ''],
    ['a.js', ''],
    ['*', ''],
    ['', ''],
    ['host:443', ''],
  ])('of %j is %j', (target, key) => {
    expect(requestKey(target)).toBe(key)
  })
})

describe('a target that is no path', () => {
  it.each(['*', 'xhttp://h/a', 'ftp://h/a', 'h:443', '', '?/a'])('%j has no key', (target) => {
    expect(requestKey(target)).not.toMatch(/a/)
  })
})
