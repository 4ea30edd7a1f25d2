// Accept-Encoding.
import { describe, expect, it } from 'vitest'
import {
  acceptedCodings,
  BROTLI,
  GZIP,
  IDENTITY,
  rememberAcceptedCodings,
  ZSTD,
} from '../src/codings.js'

const br = BROTLI.bit
const zstd = ZSTD.bit
const gzip = GZIP.bit

describe('acceptedCodings', () => {
  it.each([
    ['', IDENTITY],
    ['br', br | IDENTITY],
    ['gzip, deflate, br, zstd', br | gzip | zstd | IDENTITY],
    ['GZIP ,\tBr', br | gzip | IDENTITY],
    ['x-gzip', gzip | IDENTITY],
    ['xbr, brx, b r', IDENTITY],
    ['br;q=0', IDENTITY],
    ['br;q=0.0, gzip;q=0.001', gzip | IDENTITY],
    ['br; q=0 , gzip', gzip | IDENTITY],
    ['br;Q=0', IDENTITY],
    ['br;q=', IDENTITY],
    ['br;q=abc', IDENTITY],
    ['br;q=-1', IDENTITY],
    ['br;x=0', br | IDENTITY],
    ['*', br | gzip | zstd | IDENTITY],
    ['*;q=0', 0],
    ['gzip, *;q=0', gzip],
    ['*;q=0, identity', IDENTITY],
    ['*, br;q=0', gzip | zstd | IDENTITY],
    ['identity;q=0', 0],
    ['identity;q=0, br', br],
    ['identity;q=0, *', br | gzip | zstd],
    ['br, br;q=0', IDENTITY],
    ['identity;q=abc', IDENTITY],
    ['*;q=abc', IDENTITY],
    ['br, *;q=', br | IDENTITY],
    [',,;;,q=0,', IDENTITY],
    ['__proto__, constructor, toString', IDENTITY],
  ])('of %j', (header, bits) => {
    expect(acceptedCodings(header)).toBe(bits)
  })
})

describe('rememberAcceptedCodings', () => {
  it('takes no header for plain bytes, and remembers within bounds', () => {
    const accepted = rememberAcceptedCodings(2)
    expect(accepted(undefined)).toBe(IDENTITY)
    for (let round = 0; round < 3; round++) {
      for (const [header, bits] of [
        ['br', br],
        ['gzip', gzip],
        ['zstd', zstd],
      ] as const) {
        expect(accepted(header)).toBe(bits | IDENTITY)
      }
    }
  })
})
