import { describe, expect, it } from 'vitest'
import type { AttributeOption, TagInfo } from '../../src/tags/types.js'
import {
  buildOnDisk,
  elements,
  guide,
  openPage,
  printerFor,
  printerOf,
  summary,
} from './support.js'

const script = (attributes: AttributeOption) =>
  printerFor(guide, { attributes }).tags('bar', { only: 'script' })

describe('attributes', () => {
  it('are laid over ours, by kind', () => {
    const html = printerFor(guide, {
      attributes: {
        script: { defer: true },
        style: { media: 'print' },
        preload: { fetchpriority: 'low' },
      },
    }).tags('bar')
    expect(html).toBe(
      `<link rel="stylesheet" href="/assets/shared-ChJ_j-JJ.css" media="print">
<script type="module" src="/assets/bar-gkvgaI9m.js" defer></script>
<link rel="modulepreload" href="/assets/shared-B7PI925R.js" fetchpriority="low">`,
    )
  })

  it.each([
    [true, ' x'],
    [false, ''],
    [null, ''],
    [undefined, ''],
    ['', ' x=""'],
    [0, ' x="0"'],
    ['"&<>\'', ' x="&quot;&amp;&lt;&gt;&#39;"'],
  ])('with the value %j are printed as%s', (x, printed) => {
    expect(script({ script: { x } })).toBe(
      `<script type="module" src="/assets/bar-gkvgaI9m.js"${printed}></script>`,
    )
  })

  it('replace ours, in upper or lower case', () => {
    const html = printerFor(guide, {
      base: '//cdn.test/',
      attributes: { script: { CrossOrigin: 'use-credentials' }, preload: { crossorigin: false } },
    }).tags('bar')
    expect(elements(html).map(({ attributes }) => attributes.crossorigin)).toEqual([
      'anonymous',
      'use-credentials',
      undefined,
    ])
  })

  it('may come from a function that sees what the tag is for', () => {
    const seen: TagInfo[] = []
    const html = printerFor(guide, {
      attributes: (tag) => {
        seen.push(tag)
        return { 'data-entry': tag.entry }
      },
    }).tags('bar')
    expect(seen).toEqual([
      {
        kind: 'style',
        src: '_shared-B7PI925R.js',
        url: '/assets/shared-ChJ_j-JJ.css',
        chunk: guide['_shared-B7PI925R.js'],
        entry: 'views/bar.js',
      },
      {
        kind: 'script',
        src: 'views/bar.js',
        url: '/assets/bar-gkvgaI9m.js',
        chunk: guide['views/bar.js'],
        entry: 'views/bar.js',
      },
      {
        kind: 'preload',
        src: '_shared-B7PI925R.js',
        url: '/assets/shared-B7PI925R.js',
        chunk: guide['_shared-B7PI925R.js'],
        entry: 'views/bar.js',
      },
    ])
    expect(
      elements(html).every(({ attributes }) => attributes['data-entry'] === 'views/bar.js'),
    ).toBe(true)
  })

  it('drop a tag when the function says false, and leave it alone when it says nothing', () => {
    const html = printerFor(guide, {
      attributes: ({ kind }) => (kind === 'preload' ? false : undefined),
    }).tags('bar')
    expect(summary(html)).toEqual([
      'style /assets/shared-ChJ_j-JJ.css',
      'script /assets/bar-gkvgaI9m.js',
    ])
  })

  it('may change the address, in the header too, and the file still counts as itself', () => {
    const printer = printerFor(guide, {
      preload: 'header',
      attributes: ({ kind, url }) =>
        kind === 'script' ? { src: `${url}?v=1&w="` } : { href: `${url}?v=1` },
    })
    const { res, viteTags } = openPage(printer)
    expect(summary(viteTags('bar'))).toEqual([
      'style /assets/shared-ChJ_j-JJ.css?v=1',
      'script /assets/bar-gkvgaI9m.js?v=1&w="',
    ])
    expect(viteTags('bar')).toBe('')
    expect(res.getHeader('Link')).toBe(
      [
        '</assets/shared-ChJ_j-JJ.css?v=1>; rel=preload; as=style',
        '</assets/bar-gkvgaI9m.js?v=1&w=%22>; rel=modulepreload',
        '</assets/shared-B7PI925R.js?v=1>; rel=modulepreload',
      ].join(', '),
    )
  })

  it.each(['x', ['defer'], true, 1])('are refused when the function answers %j', (answer) => {
    const attributes = (() => answer) as unknown as AttributeOption
    expect(() => script(attributes)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringContaining('has to give an object of attributes'),
      }),
    )
  })

  it.each([null, undefined, '', 0])('stay ours when the function answers %j', (answer) => {
    const attributes = (() => answer) as unknown as AttributeOption
    expect(script(attributes)).toBe('<script type="module" src="/assets/bar-gkvgaI9m.js"></script>')
  })

  it('are an error of the call when the function fails', () => {
    const attributes = () => {
      throw new TypeError('mine')
    }
    expect(() => script(attributes)).toThrow(new TypeError('mine'))
  })

  it('never concern the nonce meta', () => {
    const kinds: string[] = []
    const printer = printerFor(guide, {
      nonce: 'abc',
      attributes: ({ kind }) => void kinds.push(kind) as undefined,
    })
    expect(printer.tags('bar')).toContain('<meta')
    expect(kinds).toEqual(['style', 'script', 'preload'])
  })

  it('of a call go over those of the option', () => {
    const printer = printerFor(guide, { attributes: { script: { a: '1', b: '1' } } })
    const html = printer.tags('bar', { attributes: { script: { b: '2', c: '2' } }, only: 'script' })
    expect(elements(html)[0]!.attributes).toMatchObject({ a: '1', b: '2', c: '2' })
  })

  it('of a call concern that call alone', () => {
    const printer = printerFor(guide)
    const plain = printer.tags('bar')
    expect(printer.tags('bar', { attributes: { script: { x: 'y' } } })).not.toBe(plain)
    expect(printer.tags('bar')).toBe(plain)
    const page = openPage(printer)
    expect(page.viteTags('bar', { attributes: () => ({ x: 'y' }) })).toContain('x="y"')
    expect(page.viteTags('bar')).toBe('')
  })

  it('may decide about the nonce of a tag', () => {
    const html = printerFor(guide, {
      nonce: 'page',
      attributes: { script: { nonce: false } },
    }).tags('bar')
    expect(elements(html).map(({ attributes }) => attributes.nonce)).toEqual([
      'page',
      'page',
      undefined,
      'page',
    ])
  })

  it.each(['', 'a b', 'a"', "a'", 'a>', '<a', 'a=', 'a/', 'a\n', 'a\0', '\uD800'])(
    'are refused when one is called %j',
    (name) => {
      const attributes = { script: { [name]: 'x' } }
      expect(() => script(attributes)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
      expect(() => script(() => ({ [name]: 'x' }))).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }),
      )
    },
  )

  it.each([[{}], [[]], [() => 'x'], [Symbol('x')]])('are refused when a value is %s', (value) => {
    const attributes = { script: { x: value } } as unknown as AttributeOption
    expect(() => script(attributes)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })

  it('reach the browser with every character as it was written', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647
      return seed % below
    }
    const alphabet = [
      '"',
      "'",
      '<',
      '>',
      '&',
      '=',
      '/',
      '`',
      ' ',
      '\n',
      'a',
      '&amp;',
      '&#34',
      '</script>',
      '<!--',
      'ü',
      '\u2028',
      '😀',
    ]
    const printer = printerFor(guide)
    for (let round = 0; round < 300; round++) {
      const value = Array.from(
        { length: random(12) },
        () => alphabet[random(alphabet.length)],
      ).join('')
      const html = printer.tags('foo', { attributes: () => ({ 'data-x': value }) })
      const found = elements(html)
      expect(found).toHaveLength(4)
      for (const { attributes, text } of found) {
        expect(attributes['data-x']).toBe(value)
        expect(text).toBe('')
      }
    }
  })
})

describe('crossorigin', () => {
  it.each([
    [{}, undefined],
    [{ base: 'https://cdn.test/' }, 'anonymous'],
    [{ base: '//cdn.test/' }, 'anonymous'],
    [{ crossorigin: true }, 'anonymous'],
    [{ crossorigin: 'use-credentials' as const }, 'use-credentials'],
    [{ base: 'https://cdn.test/', crossorigin: false }, undefined],
  ])('with %j is %j on every tag', (options, expected) => {
    const html = printerFor(guide, { ...options, prefetch: true }).tags('bar')
    expect(new Set(elements(html).map(({ attributes }) => attributes.crossorigin))).toEqual(
      new Set([expected]),
    )
  })

  it.each([
    [{}, 'anonymous'],
    [{ crossorigin: false }, undefined],
    [{ crossorigin: 'use-credentials' as const }, 'use-credentials'],
    [{ base: 'https://cdn.test/', crossorigin: false }, undefined],
  ])('with integrity and %j is %j on every tag', (options, expected) => {
    const printer = printerOf({ root: buildOnDisk(guide), integrity: true, ...options })
    for (const { attributes } of elements(printer.tags('bar', { page: false }))) {
      expect(attributes.crossorigin).toBe(expected)
      expect(attributes.integrity).toMatch(/^sha384-/)
    }
  })
})
