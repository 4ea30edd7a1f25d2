// Content types.
import { describe, expect, it } from 'vitest'
import { contentType, isCompressible } from '../src/media-type.js'

describe('contentType', () => {
  it.each([
    ['a.js', 'text/javascript; charset=utf-8'],
    ['a.mjs', 'text/javascript; charset=utf-8'],
    ['a.cjs', 'text/javascript; charset=utf-8'],
    ['a.css', 'text/css; charset=utf-8'],
    ['A.HTML', 'text/html; charset=utf-8'],
    ['a.txt', 'text/plain; charset=utf-8'],
    ['a.json', 'application/json; charset=utf-8'],
    ['a.js.map', 'application/json; charset=utf-8'],
    ['a.webmanifest', 'application/manifest+json; charset=utf-8'],
    ['a.svg', 'image/svg+xml; charset=utf-8'],
    ['a.xml', 'text/xml; charset=utf-8'],
    ['a.wasm', 'application/wasm'],
    ['a.avif', 'image/avif'],
    ['a.woff2', 'font/woff2'],
    ['favicon.ico', 'image/x-icon'],
    ['a.unknown', 'application/octet-stream'],
    ['LICENSE', 'application/octet-stream'],
    ['js', 'application/octet-stream'],
    ['dir.js/js', 'application/octet-stream'],
    ['a.', 'application/octet-stream'],
    ['a.constructor', 'application/octet-stream'],
    ['a.__proto__', 'application/octet-stream'],
  ])('of %s is %s', (file, type) => {
    expect(contentType(file)).toBe(type)
  })
})

describe('isCompressible', () => {
  it.each([
    ['a.js', true],
    ['a.svg', true],
    ['a.wasm', true],
    ['a.ttf', true],
    ['a.woff2', false],
    ['a.png', false],
    ['a.unknown', false],
  ])('%s: %j', (file, compressible) => {
    expect(isCompressible(contentType(file))).toBe(compressible)
  })
})
