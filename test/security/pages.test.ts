// Claims of SECURITY.md about pages and headers: what is printed from hostile values is read back as what was meant.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import {
  ConnectViteError,
  type ConnectViteOptions,
  connectVite,
  type Handle,
  type Manifest,
  type ViteLocals,
} from '../../src/index.js'
import { createDirectory } from '../support/directory.js'
import { type Random, randomOf } from '../support/random.js'
import { nowhere, quiet } from '../support/settings.js'
import { elements } from '../tags/support.js'
import { patience, seed, times } from './support/runs.js'

/** What ends attributes, elements, strings, comments, headers and lines. */
const PIECES = [
  ...[
    '"',
    "'",
    '`',
    '<',
    '>',
    '&',
    '=',
    '/',
    '\\',
    ' ',
    '\t',
    '\n',
    '\r',
    '\f',
    '\0',
    '\u2028',
    '\u00a0',
    '\ufeff',
    '\ud800',
    '😀',
  ],
  ...[
    '">',
    "'>",
    '--',
    '-->',
    '<!--',
    ']]>',
    '<script>',
    '</script>',
    '</SCRIPT >',
    '</style>',
    '</style/',
    '<style>',
    '<!--<script>',
  ],
  ...[
    '&quot;',
    '&lt;',
    '&#34;',
    '&amp;',
    'onerror=alert(1)',
    'javascript:',
    '$' + '{x}',
    '$&',
    '$1',
    '{{x}}',
    '<%= x %>',
    '%0d%0a',
    '\r\nX: y',
    '; rel=x',
    '>, <',
    ',',
  ],
  ...[
    'a',
    'b',
    'main',
    '.js',
    '..',
    '../',
    './',
    '?',
    '#',
    '%',
    '%2f',
    '%00',
    '__proto__',
    'constructor',
    'toString',
  ],
]

function textOf({ one, once }: Random): string {
  let text = one(PIECES)
  while (!once(4)) text += one(PIECES)
  return text
}

/** A page of one response, with the functions of the middleware. */
function open(vite: Handle, locals: Record<string, unknown> = {}) {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { method: 'GET', url: '/page', httpVersion: '1.1' })
  const res = Object.assign(new ServerResponse(req), { locals })
  vite(req, res, () => {})
  return { res, ...(res.locals as unknown as ViteLocals) }
}

const production = (options: ConnectViteOptions) =>
  connectVite({ root: nowhere, mode: 'production', logger: quiet, ...options })

const simple: Manifest = {
  'main.js': {
    file: 'assets/main-12345678.js',
    src: 'main.js',
    isEntry: true,
    css: ['assets/main-12345678.css'],
  },
}

/** As a browser reads an attribute: NUL and line ends are replaced before anything else is looked at. */
const asRead = (text: string) => text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd')

/** The result, or the error that was meant. Any other error is a fault. */
function attempt<T>(work: () => T): T | ConnectViteError {
  try {
    return work()
  } catch (error) {
    if (error instanceof ConnectViteError) return error
    throw error
  }
}

/** Runs a check on generated inputs, and names the input of the one that fails. */
function tryTexts(
  count: number,
  offset: number,
  check: (text: string, random: Random) => void,
): void {
  const random = randomOf(seed + offset)
  for (let index = times(count); index > 0; index--) {
    const text = textOf(random)
    try {
      check(text, random)
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause: error })
    }
  }
}

describe('what is printed from hostile values', () => {
  it(
    'has each attribute value as it was given',
    () => {
      const vite = production({ manifest: simple })
      tryTexts(3000, 0, (text) => {
        const attributes = { script: { 'data-x': text }, style: { title: text } }
        const [style, script, ...more] = elements(open(vite).viteTags('main.js', { attributes }))
        expect(more).toEqual([])
        expect(script).toMatchObject({
          name: 'script',
          text: '',
          attributes: { 'data-x': asRead(text) },
        })
        expect(style).toMatchObject({ name: 'link', attributes: { title: asRead(text) } })
      })
    },
    patience,
  )

  it(
    'has no attribute that its name did not say',
    () => {
      const vite = production({ manifest: simple })
      tryTexts(3000, 1, (text) => {
        const printed = attempt(() =>
          open(vite).viteTags('main.js', {
            only: 'script',
            attributes: { script: { [text]: 'value' } },
          }),
        )
        if (printed instanceof ConnectViteError) return
        const found = elements(printed)
        expect(found).toHaveLength(1)
        const names = Object.keys(found[0]!.attributes).filter(
          (name) => !['type', 'src', 'crossorigin'].includes(name),
        )
        expect(names.every((name) => name === text.toLowerCase())).toBe(true)
      })
    },
    patience,
  )

  it(
    'has a nonce of its characters alone, and a refusal does not repeat it',
    () => {
      const vite = production({ manifest: simple })
      tryTexts(3000, 2, (text) => {
        const printed = attempt(() => open(vite, { cspNonce: text }).viteTags('main.js'))
        if (printed instanceof ConnectViteError) {
          if (text.length > 3) expect(printed.message).not.toContain(text)
          return
        }
        for (const { attributes } of elements(printed)) {
          if (attributes.nonce !== undefined) expect(attributes.nonce).toMatch(/^[\w+/=-]+$/)
        }
      })
    },
    patience,
  )

  it(
    'has URLs that name the file, under any file name',
    () => {
      tryTexts(1500, 3, (name) => {
        const manifest: Manifest = {
          'main.js': {
            file: `assets/${name}.js`,
            src: 'main.js',
            isEntry: true,
            css: [`assets/${name}.css`],
          },
        }
        const printed = attempt(() => production({ manifest, base: '/app/' }).tags('main.js'))
        if (printed instanceof ConnectViteError) return
        const urls = elements(printed).map(
          ({ attributes }) => attributes.src ?? attributes.href ?? '',
        )
        expect(urls).toHaveLength(2)
        for (const url of urls) {
          expect(url).toMatch(/^\/app\/assets\/[^\s"<>\\?#]*$/)
          expect(new URL(url, 'http://localhost').host).toBe('localhost')
        }
      })
    },
    patience,
  )

  it(
    'has a Link header of one line, with the links that were meant',
    () => {
      tryTexts(1500, 4, (name) => {
        const manifest: Manifest = {
          'main.js': { file: `assets/${name}.js`, src: 'main.js', isEntry: true },
        }
        const made = attempt(() => production({ manifest, preload: 'header' }))
        if (made instanceof ConnectViteError) return
        const { res, viteTags } = open(made)
        const printed = attempt(() =>
          viteTags('main.js', { attributes: { preload: { fetchpriority: name } } }),
        )
        if (printed instanceof ConnectViteError) return
        const link = String(res.getHeader('link') ?? '')
        expect(link).not.toMatch(/[\r\n\0]/)
        expect(link.match(/<[^>]*>/g)?.length ?? 0).toBeLessThanOrEqual(1)
        expect(link.replace(/<[^>]*>|"[^"]*"/g, '')).not.toMatch(/[<>,]/)
      })
    },
    patience,
  )

  it(
    'has inline text that ends where its element ends',
    async () => {
      const random = randomOf(seed + 5)
      const names = Array.from({ length: times(600) }, (_, index) => `file-${index}`)
      const texts = new Map(names.map((name) => [name, textOf(random)]))
      const manifest: Manifest = {}
      const files: Record<string, string> = {}
      for (const [name, text] of texts) {
        manifest[`${name}.js`] = { file: `${name}.js`, src: `${name}.js`, isEntry: true }
        manifest[`${name}.css`] = { file: `${name}.css`, src: `${name}.css`, isEntry: true }
        files[`dist/${name}.js`] = `globalThis.x = ${JSON.stringify(text)}\n`
        files[`dist/${name}.css`] = `.a::after { content: ${JSON.stringify(text)} }\n`
      }
      const { path, remove } = createDirectory({
        ...files,
        'dist/.vite/manifest.json': JSON.stringify(manifest),
      })
      try {
        const vite = connectVite({ root: path, mode: 'production', logger: quiet })
        for (const name of names) {
          for (const [file, element] of [
            [`${name}.js`, 'script'],
            [`${name}.css`, 'style'],
          ] as const) {
            const printed = attempt(() => vite.inline(file))
            if (printed instanceof ConnectViteError) continue
            expect(
              elements(printed).map((one) => one.name),
              file + JSON.stringify(texts.get(name)),
            ).toEqual([element])
            expect(
              parseFragment(printed).childNodes.filter((node) => node.nodeName !== '#text'),
            ).toHaveLength(1)
          }
        }
      } finally {
        await remove()
      }
    },
    patience,
  )
})

describe('a hostile manifest', () => {
  /** Any JSON, now and then in the shape of a manifest. */
  function anything(random: Random, depth = 0): unknown {
    const { below, one } = random
    const kind = below(depth > 3 ? 6 : 10)
    if (kind < 3) return textOf(random)
    if (kind < 6)
      return one([
        null,
        true,
        false,
        0,
        -1,
        1e308,
        '',
        'main.js',
        '../../etc/passwd',
        '/etc/passwd',
      ])
    if (kind === 6) return Array.from({ length: below(4) }, () => anything(random, depth + 1))
    const keys = [
      'file',
      'src',
      'isEntry',
      'isDynamicEntry',
      'css',
      'imports',
      'dynamicImports',
      'assets',
      'name',
      '__proto__',
      'constructor',
    ]
    return Object.fromEntries(
      Array.from({ length: below(6) }, () => [one(keys), anything(random, depth + 1)]),
    )
  }

  it(
    'is refused by its name, or prints elements that were meant',
    () => {
      const random = randomOf(seed + 6)
      let printedOnes = 0
      for (let index = times(3000); index > 0; index--) {
        const names = ['main.js', 'a.css', '__proto__', textOf(random)]
        const entries = names.map((name) => {
          const chunk = {
            file: random.once(6) ? anything(random, 2) : 'main-12345678.js',
            isEntry: true,
          } as Record<string, unknown>
          for (const key of ['css', 'imports', 'dynamicImports', 'assets']) {
            if (random.once(5))
              chunk[key] = random.once(6) ? anything(random, 2) : [random.one(names)]
          }
          return [name, random.once(20) ? anything(random) : chunk]
        })
        const text = JSON.stringify(Object.fromEntries(entries))
        const printed = attempt(() =>
          production({ manifest: JSON.parse(text) as Manifest }).tags('main.js'),
        )
        if (printed instanceof ConnectViteError) continue
        printedOnes++
        const found = elements(printed)
        expect(
          found.every(({ name }) => ['script', 'link', 'meta'].includes(name)),
          text,
        ).toBe(true)
        for (const { attributes } of found) {
          const url = attributes.src ?? attributes.href
          if (url !== undefined)
            expect(new URL(url, 'http://localhost').host, text).toBe('localhost')
        }
      }
      expect(printedOnes).toBeGreaterThan(times(3000) / 50)
      expect(({} as Record<string, unknown>).file).toBeUndefined()
    },
    patience,
  )
})
