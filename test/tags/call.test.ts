import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/check.js'
import { callTable } from '../../src/options/table.js'
import { parseCall } from '../../src/tags/call.js'
import type { TagOptions } from '../../src/tags/types.js'
import { guide, openPage, printerFor, productionSettings, summary } from './support.js'

const { tags } = printerFor(guide)
const call = tags as (...args: unknown[]) => string
const all = summary(tags('foo'))

describe('viteTags', () => {
  it.each([undefined, null, '', 42, {}, [''], ['foo', 1], [undefined], () => 'foo'])(
    'refuses %j as an entry',
    (entries) => {
      expect(() => call(entries)).toThrow(
        expect.objectContaining({
          code: 'ERR_OPTION',
          message: expect.stringContaining('viteTags()'),
        }),
      )
    },
  )

  it('prints nothing for no entries', () => {
    expect(call([])).toBe('')
  })

  it.each<[what: string, extra: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an index, as Array.map passes it', 3],
    ['a string', 'x'],
    ['a function', () => {}],
    ['an array', ['style']],
    ['an instance', new Date()],
    ["Handlebars' argument", { name: 'viteTags', hash: {}, data: { root: {} }, loc: {} }],
    [
      "Handlebars' argument with a hash that is not ours",
      { name: 'viteTags', hash: { class: 'x' }, loc: {} },
    ],
    ['an object of other things', { settings: {}, cache: false }],
  ])('takes %s behind the entry for no options', (_, extra) => {
    expect(summary(call('foo', extra))).toEqual(all)
  })

  it.each<[what: string, extra: unknown]>([
    ['a plain object', { only: 'script' }],
    ['an object without a prototype', Object.assign(Object.create(null), { only: 'script' })],
    ["Handlebars' hash", { name: 'viteTags', hash: { only: 'script' }, data: {}, loc: {} }],
    ["Nunjucks' keyword arguments", { only: 'script', __keywords: true }],
    ['a list of kinds', { only: ['script'] }],
    ['options that are undefined', { only: 'script', nonce: undefined, attributes: undefined }],
  ])('takes %s for options', (_, extra) => {
    expect(summary(call('foo', extra))).toEqual(['script /assets/foo-BRBmoGS9.js'])
  })

  it.each<[options: unknown, says: RegExp]>([
    [{ only: 'scripts' }, /'style', 'script', 'preload' or an array/],
    [{ only: ['style', 'x'] }, /'only'/],
    [{ only: null }, /'only'/],
    [{ attributes: 'x' }, /'attributes'/],
    [{ attributes: { scripts: {} } }, /Did you mean 'attributes\.script'/],
    [{ attributes: { script: 'defer' } }, /'attributes\.script' of viteTags\(\) cannot be 'defer'/],
    [{ attributes: { style: ['a'] } }, /'attributes\.style'/],
    [{ nonce: 42 }, /'nonce'/],
    [{ preload: true }, /'preload'/],
    [{ preload: 'tags' }, /'preload'/],
    [{ prefetch: 'yes' }, /'prefetch'/],
    [{ olny: 'style' }, /Did you mean 'only'/],
    [{ attribute: {} }, /Did you mean 'attributes'/],
    [{ hash: { only: 'scripts' } }, /'only'/],
  ])('refuses %j', (options, says) => {
    expect(() => call('foo', options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(says) }),
    )
  })

  it('does not mistake an entry for the options of another call', () => {
    const { viteTags } = openPage(printerFor(guide))
    viteTags(['foo'], { only: 'style' })
    expect(() => viteTags('\0[["foo"],"style",null,null]')).toThrow()
  })

  it('tells options apart that differ in anything', () => {
    const sizes = [
      {},
      { only: 'style' },
      { only: ['style', 'script'] },
      { preload: false },
      { prefetch: true },
      { prefetch: true, only: 'script' },
    ].map((options) => summary(call(['bar'], options)).length)
    expect(sizes).toEqual([3, 1, 2, 2, 4, 1])
  })
})

describe('the text that is kept for a call', () => {
  const settings = productionSettings({})
  const keyOfCall = (options: TagOptions) => parseCall('foo', options, settings).key
  // Every option is here, so that a new one cannot be forgotten.
  const two: Required<{ [Name in keyof TagOptions]: [TagOptions[Name], TagOptions[Name]] }> = {
    only: ['style', ['style', 'script']],
    attributes: [{ script: { defer: true } }, { script: { defer: false } }],
    nonce: ['a', 'b'],
    preload: ['header', false],
    prefetch: [true, false],
    page: [true, false],
  }

  it.each(Object.entries(two))('is never that of another value of %s', (name, [one, other]) => {
    expect(Object.keys(two)).toEqual(Object.keys(callTable))
    const keys = [one, other, undefined].map((value) => keyOfCall({ [name]: value }))
    if (name === 'attributes') expect(keys).toEqual([undefined, undefined, 'foo'])
    // The nonce is put into the text afterwards.
    else if (name === 'nonce') expect(keys).toEqual(['foo', 'foo', 'foo'])
    else expect(new Set(keys).size).toBe(3)
  })

  it('follows from the table, so that a new option separates calls by itself', () => {
    const table = { ...callTable, theme: { check: { wants: 'a string', accepts: () => true } } }
    expect(keyOf({ theme: 'dark' }, table)).not.toBe(keyOf({ theme: 'light' }, table))
    expect(keyOf({ theme: () => 'dark' }, table)).toBeUndefined()
  })
})

describe.each(['asset', 'inline'] as const)('%s', (name) => {
  it.each([undefined, null, '', 42, {}, ['foo']])('refuses %j', (path) => {
    const method = printerFor(guide)[name] as (path: unknown) => string
    expect(() => method(path)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
