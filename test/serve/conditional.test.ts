// Conditional requests, by the table of precedence in RFC 9110 §13.2.2.
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ifRange, precondition } from '../../src/serve/conditional.js'

const current = { etag: '"abc"', lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' }
const before = 'Sun, 06 Nov 1994 08:49:36 GMT'
const after = 'Sun, 06 Nov 1994 08:49:38 GMT'

describe('precondition', () => {
  it.each<[IncomingHttpHeaders, number]>([
    [{}, 200],
    [{ 'if-none-match': '"abc"' }, 304],
    [{ 'if-none-match': 'W/"abc"' }, 304],
    [{ 'if-none-match': '"x", W/"abc" , "y"' }, 304],
    [{ 'if-none-match': '"with, comma","abc"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': ' * ' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': 'abc' }, 200],
    [{ 'if-none-match': '"abc' }, 200],
    [{ 'if-none-match': '"abc-br"' }, 200],
    [{ 'if-none-match': '' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': current.lastModified }, 200],
    [{ 'if-modified-since': current.lastModified }, 304],
    [{ 'if-modified-since': after }, 304],
    [{ 'if-modified-since': before }, 200],
    [{ 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 304],
    [{ 'if-modified-since': 'Sun Nov  6 08:49:37 1994' }, 304],
    [{ 'if-modified-since': 'Sun Nov  6 08:49:36 1994' }, 200],
    [{ 'if-modified-since': '2099-01-01' }, 200],
    [{ 'if-modified-since': '9999999999999' }, 200],
    [{ 'if-modified-since': '' }, 200],
    [{ 'if-match': '"abc"' }, 200],
    [{ 'if-match': '"x", "abc"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/"abc"' }, 412],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': '"abc"', 'if-unmodified-since': before }, 200],
    [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 304],
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 412],
    [{ 'if-unmodified-since': current.lastModified }, 200],
    [{ 'if-unmodified-since': after }, 200],
    [{ 'if-unmodified-since': before }, 412],
    [{ 'if-unmodified-since': 'yesterday' }, 200],
    [{ 'if-unmodified-since': before, 'if-none-match': '"abc"' }, 412],
  ])('%j → %d', (headers, status) => {
    expect(precondition(headers, current)).toBe(status)
  })
})

describe('ifRange', () => {
  it.each([
    [undefined, true],
    ['"abc"', true],
    ['W/"abc"', false],
    ['"x"', false],
    [current.lastModified, true],
    [before, false],
    [after, false],
    ['nonsense', false],
  ])('%j → %j', (header, holds) => {
    expect(ifRange(header === undefined ? {} : { 'if-range': header }, current)).toBe(holds)
  })
})

describe('long headers', () => {
  // A thousand times what a server lets through: in quadratic time, each of these would take minutes.
  const LENGTH = 16_000_000
  it.each([
    ['commas', ','],
    ['quotes', '"'],
    ['tags', '"x",'],
    ['spaces', ' '],
    ['weak marks', 'W/"'],
    ['digits', 'Mon, 1'],
  ])('of %s are read in linear time', (_, part) => {
    const header = part.repeat(LENGTH / part.length)
    expect(precondition({ 'if-none-match': header }, current)).toBe(200)
    expect(precondition({ 'if-match': header }, current)).toBe(412)
    expect(precondition({ 'if-modified-since': header }, current)).toBe(200)
    expect(precondition({ 'if-unmodified-since': header }, current)).toBe(200)
  })
})
