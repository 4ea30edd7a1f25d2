// What a template's mistakes are answered with, in full: people read these, and none of them is for a visitor.
import { describe, expect, it } from 'vitest'
import { ConnectViteError } from '../../src/errors.js'
import type { AttributeOption, TagOptions } from '../../src/tags/types.js'
import { guide, openPage, printerFor } from './support.js'

function thrownBy(act: () => unknown): ConnectViteError {
  try {
    act()
  } catch (error) {
    if (error instanceof ConnectViteError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The error of a call with options that the types do not allow. */
function refusal(entries: unknown, options?: unknown, attributes: unknown = {}): ConnectViteError {
  return thrownBy(() =>
    printerFor(guide, { attributes: attributes as AttributeOption }).tags(
      entries as string,
      options as TagOptions,
    ),
  )
}

const name = 'a template variable that is not set'

describe('a call that cannot be meant says what is wrong and what to write', () => {
  it.each([
    [
      [undefined],
      [
        'viteTags() takes the name of an entry, or an array of names, not undefined.',
        `  Likely cause: ${name}`,
        "  What to do: Call it with a source file such as 'src/main.ts'.",
      ],
    ],
    [
      [['views/foo.js', { deep: { er: 1 } }]],
      [
        "viteTags() takes the name of an entry, or an array of names, not [ 'views/foo.js', [Object] ].",
        `  Likely cause: ${name}`,
        "  What to do: Call it with a source file such as 'src/main.ts'.",
      ],
    ],
    [
      ['views/foo.js', { onyl: 'style' }],
      ["viteTags() has no option 'onyl'.", "  What to do: Did you mean 'only'?"],
    ],
    [
      ['views/foo.js', { only: { deep: { er: 1 } } }],
      [
        "viteTags() cannot take { deep: [Object] } as 'only'.",
        "  What to do: Set it to 'style', 'script', 'preload' or an array of them.",
      ],
    ],
    [
      ['views/foo.js', { attributes: { script: {}, styles: {} } }],
      [
        "viteTags() cannot take { script: {}, styles: {} } as 'attributes'.",
        '  What to do: Set it to an object of script, style and preload attributes, or a function.',
      ],
    ],
    [
      ['views/foo.js', { attributes: 'defer' }],
      [
        "viteTags() cannot take 'defer' as 'attributes'.",
        '  What to do: Set it to an object of script, style and preload attributes, or a function.',
      ],
    ],
  ])('%j', (call, lines) => {
    const error = refusal(...(call as [unknown, unknown?]))
    expect(error.message.split('\n')).toEqual(lines)
    expect(error).toMatchObject({ code: 'ERR_OPTION', status: 500, expose: false })
  })
})

const remedy =
  '  What to do: Give strings and numbers, true for a bare attribute, false to leave one out.'

describe('attributes that HTML does not allow are refused by name and place', () => {
  it.each<[unknown, string]>([
    [{ script: 'defer' }, `'attributes.script' has to give an object of attributes, not 'defer'.`],
    [{ style: ['a'] }, `'attributes.style' has to give an object of attributes, not [ 'a' ].`],
    [
      { script: { 'on click': 'x' } },
      `'attributes.script' names an attribute "on click", which HTML does not allow.`,
    ],
    [{ preload: { media: {} } }, `'attributes.preload' gives "media" a value of the type object.`],
    [
      () => ({ '"': 1 }),
      `'the attributes function' names an attribute "\\"", which HTML does not allow.`,
    ],
    [() => 'defer', `'the attributes function' has to give an object of attributes, not 'defer'.`],
    [() => [], `'the attributes function' has to give an object of attributes, not [].`],
  ])('%j', (attributes, what) => {
    const byCall = refusal('bar', { attributes })
    expect(byCall.message.split('\n')).toEqual([what, remedy])
    expect(byCall).toMatchObject({ code: 'ERR_OPTION', status: 500, expose: false })
  })

  it('and a kind that is not mentioned has none', () => {
    const attributes = { script: undefined } as unknown as AttributeOption
    expect(printerFor(guide, { attributes }).tags('bar')).toBe(printerFor(guide).tags('bar'))
  })
})

describe('a nonce that is refused', () => {
  it.each<[unknown, string]>([
    ['"><script>', 'The CSP nonce has characters that are not base64.'],
    [42, 'The CSP nonce is no string but of the type number.'],
  ])('%j is not repeated, and the place to look is named', (cspNonce, what) => {
    const { viteTags } = openPage(printerFor(guide), { locals: { cspNonce } })
    const error = thrownBy(() => viteTags('bar'))
    expect(error.message.split('\n')).toEqual([
      what,
      '  Looked in: the nonce option, or res.locals.cspNonce where there is none',
      "  What to do: Make it with randomBytes(16).toString('base64').",
    ])
    expect(error).toMatchObject({ code: 'ERR_OPTION', status: 500, expose: false })
  })
})

describe('the header has no more of an attribute than it can bear', () => {
  function linkOf(attributes: AttributeOption): unknown {
    const { res, viteTags } = openPage(printerFor(guide, { preload: 'header', attributes }))
    viteTags('bar', { only: 'script' })
    return res.getHeader('Link')
  }
  const script = '</assets/bar-gkvgaI9m.js>; rel=modulepreload'

  it.each<[string, AttributeOption, string | undefined]>([
    ['a bare crossorigin', { script: { crossorigin: true } }, `${script}; crossorigin`],
    ['an empty crossorigin', { script: { crossorigin: '' } }, `${script}; crossorigin`],
    [
      'a crossorigin with a value',
      { script: { crossorigin: 'use-credentials' } },
      `${script}; crossorigin=use-credentials`,
    ],
    ['a crossorigin that is none', { script: { crossorigin: 'x; rel=preload' } }, script],
    [
      'an integrity',
      { script: { integrity: 'sha384-a+b/c=' } },
      `${script}; integrity="sha384-a+b/c="`,
    ],
    ['an integrity that would end its quotes', { script: { integrity: 'a"; rel=x' } }, script],
    ['an integrity with a line of its own', { script: { integrity: 'a\r\nX: y' } }, script],
    ['a script that is no module', { script: { type: 'text/javascript' } }, undefined],
    ['a script without an address', { script: { src: false } }, undefined],
  ])('%s', (_name, attributes, link) => {
    expect(linkOf(attributes)).toBe(link)
  })
})
