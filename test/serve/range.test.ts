// One byte range.
import { describe, expect, it } from 'vitest'
import { byteRange } from '../../src/serve/conditional.js'

describe('byteRange of ten bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2-4', { start: 2, end: 5 }],
    ['bytes=9-', { start: 9, end: 10 }],
    ['bytes=0-', { start: 0, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['bytes=9-99', { start: 9, end: 10 }],
    ['Bytes= 0-1 ', { start: 0, end: 2 }],
    ['bytes=0-1844674407370955161500', { start: 0, end: 10 }],
    ['bytes=-1844674407370955161500', { start: 0, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-12', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
    ['bytes=5-3', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes', undefined],
    ['bytes=abc', undefined],
    ['bytes=1-2-3', undefined],
    ['bytes=--1', undefined],
    ['bytes=0x1-2', undefined],
    ['bytes=1.5-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=0-1,', undefined],
    ['items=0-1', undefined],
    ['', undefined],
  ])('%j', (header, range) => {
    expect(byteRange(header, 10)).toEqual(range)
  })

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-5'])('%j of nothing is unsatisfiable', (header) => {
    expect(byteRange(header, 0)).toBe('unsatisfiable')
  })
})
