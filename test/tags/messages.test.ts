// What a template's mistakes are answered with, in full: people read these, and none of them is for a visitor.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConnectViteError } from '../../src/errors.js'
import { missingSource, pageIsNoEntry } from '../../src/tags/development-source.js'
import type { AttributeOption, TagOptions } from '../../src/tags/types.js'
import { buildOnDisk, guide, openPage, printerFor, printerOf } from './support.js'

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
      ["viteTags() has no option 'onyl'. Did you mean 'only'?"],
    ],
    [
      ['views/foo.js', { only: { deep: { er: 1 } } }],
      [
        "The option 'only' of viteTags() cannot be { deep: [Object] }.",
        "  What to do: Use 'style', 'script', 'preload' or an array of them, or leave it out for the default.",
      ],
    ],
    [
      ['views/foo.js', { attributes: { script: {}, styles: {} } }],
      ["viteTags() has no option 'attributes.styles'. Did you mean 'attributes.style'?"],
    ],
    [
      ['views/foo.js', { attributes: 'defer' }],
      [
        "The option 'attributes' of viteTags() cannot be 'defer'.",
        '  What to do: Use an object of script, style and preload attributes, or a function, or leave it out for the default.',
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

describe('a file that is not there', () => {
  const root = () => buildOnDisk(guide, { 'src/unused.png': 'x' })
  const long = 'x'.repeat(300)
  const wrongName =
    '  Likely cause: a wrong name: the file exists neither in the sources nor in what was built'
  const toBuild =
    '  What to do: Import it (import.meta.glob takes whole directories), put it into public/, or make it an entry. Add it to `input` in backend() (or build.rolldownOptions.input; before Vite 8 build.rollupOptions.input).'

  it.each([
    [
      'src/unused.png',
      'The build has no asset "src/unused.png".',
      '  Likely cause: the file exists, but no script or stylesheet of the build imports it, or it is small enough to be inlined',
    ],
    [
      'views/fooo.js',
      'The build has no asset "views/fooo.js". Did you mean "views/foo.js" or "views/bar.js"?',
      wrongName,
    ],
    [long, `The build has no asset "${long.slice(0, 200)}".`, wrongName],
  ])('in a build, asked for as an asset (%#)', (path, what, why) => {
    const project = root()
    const printer = printerOf({ root: project, outDir: ['dist', 'older'] })
    const error = thrownBy(() => printer.asset(path))
    const dist = join(project, 'dist')
    const lookedIn = `  Looked in: ${join(dist, '.vite/manifest.json')}, ${dist}`
    expect(error.message.split('\n')).toEqual([what, lookedIn, why, toBuild])
    expect(error).toMatchObject({ code: 'ERR_ASSET_NOT_FOUND', status: 500, expose: false })
  })

  it('in a manifest that is an object', () => {
    const error = thrownBy(() => printerFor(guide).asset('nope.png'))
    expect(error.message.split('\n')[1]).toBe('  Looked in: the manifest object')
  })

  it.each([
    ['src/unsued.png', ' Did you mean "src/unused.png"?'],
    ['.//src/unsued.png?x=unused', ' Did you mean "src/unused.png"?'],
    ['/unsued.png', ''],
    ['src/\0', ''],
    ['no/such/directory.ts', ''],
  ])('in the sources, asked for as %j', (asked, question) => {
    const project = root()
    const error = missingSource(asked, project)
    expect(error.message.split('\n')).toEqual([
      `There is no file ${JSON.stringify(asked)} for an entry.${question}`,
      `  Looked in: ${project}`,
      "  Likely cause: a wrong name, or root is not Vite's root; in development an entry is the path of a source file, not its name in `input`",
      "  What to do: Write the path relative to root, such as 'src/main.ts', or set the option root.",
    ])
    expect(error).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND', status: 500, expose: false })
  })

  it('under a name of which no more is repeated than one can read', () => {
    const [what] = missingSource(long, root()).message.split('\n')
    expect(what).toBe(`There is no file "${long.slice(0, 200)}" for an entry.`)
  })

  it('as a script, because it is a page', () => {
    const error = pageIsNoEntry('index.html', '/project')
    expect(error.message.split('\n')).toEqual([
      '"index.html" is an HTML page, not a script or a stylesheet.',
      '  Looked in: /project',
      '  Likely cause: the page is a build input: a build knows its script by this name, a running Vite does not',
      "  What to do: Name the script that the page loads, such as 'src/main.ts'. Add that script to `input` in backend() (or build.rolldownOptions.input; before Vite 8 build.rollupOptions.input). Or send the page itself with page().",
    ])
    expect(error).toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND', status: 500, expose: false })
  })
})

describe('a path that is none', () => {
  it.each<['viteAsset' | 'viteInline', unknown, string]>([
    ['viteAsset', undefined, 'undefined'],
    ['viteInline', { a: { b: 1 } }, '{ a: [Object] }'],
  ])('%s(%j)', (name, path, shown) => {
    const error = thrownBy(() => openPage(printerFor(guide))[name](path as string))
    expect(error.message.split('\n')).toEqual([
      `${name}() takes the path of a file, not ${shown}.`,
      '  Likely cause: a template variable that is not set',
      "  What to do: Call it with a source file such as 'src/logo.svg'.",
    ])
    expect(error).toMatchObject({ code: 'ERR_OPTION', status: 500, expose: false })
  })
})
