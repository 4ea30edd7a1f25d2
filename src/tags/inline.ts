// Built files as text inside a page: read, made independent of the file's place, and safe in their element.
import { isStylesheet } from '../build/kinds.js'
import type { Build } from '../build/load-build.js'
import { ConnectViteError } from '../errors.js'
import { escapeScript, escapeStyle } from './html.js'

/**
 * @param url where the file itself is, since what it names is relative to that
 * @throws ConnectViteError `ERR_BUILD_INCOMPLETE` when the file cannot be read
 */
export function readInline(build: Build, file: string, url: string): string {
  const text = withoutSourceMap(read(build, file))
  return isStylesheet(file)
    ? escapeStyle(rebaseStyle(text, url))
    : escapeScript(rebaseScript(text, url))
}

function read(build: Build, file: string): string {
  try {
    return build.read(file).toString('utf8')
  } catch (cause) {
    throw new ConnectViteError('ERR_BUILD_INCOMPLETE', {
      what: `The file ${file} cannot be printed inline, because it cannot be read.`,
      lookedIn: build.directories.map(({ outDir }) => outDir),
      likelyCause: 'only the manifest was deployed, or the build was replaced meanwhile',
      remedy: 'Deploy the files beside the manifest, or print the ordinary tags with viteTags().',
      cause,
    })
  }
}

/** A comment that would make developer tools look for the map beside the page. */
const SOURCE_MAP = /\n?(?:\/\/[#@] ?sourceMappingURL=[^\n]*|\/\*[#@] ?sourceMappingURL=.*?\*\/)\s*$/

export function withoutSourceMap(text: string): string {
  return text.replace(SOURCE_MAP, '')
}

/**
 * What an address in CSS can be confused with is read too: comments, strings, and which function a string is in.
 * https://www.w3.org/TR/css-syntax-3/#tokenization
 */
const CSS_TOKEN =
  /\/\*[\s\S]*?\*\/|\burl\(\s*(?:"(?<url1>(?:[^"\\]|\\[\s\S])*)"|'(?<url2>(?:[^'\\]|\\[\s\S])*)'|(?<url3>(?:[^"'()\s\\]|\\(?:[\da-f]{1,6}\s?|[\s\S]))+))\s*\)|@import\s*(?:"(?<import1>[^"]*)"|'(?<import2>[^']*)')|(?<name>[\w-]*)\(|\)|"(?<text1>(?:[^"\\]|\\[\s\S])*)"|'(?<text2>(?:[^'\\]|\\[\s\S])*)'/gi

/** Functions whose strings are addresses; `type()` within them says a media type. */
const ADDRESS_FUNCTIONS = /^(?:(?:-webkit-)?image-set|src)$/i

/** Addresses that were relative to the stylesheet, made independent of the page. */
export function rebaseStyle(css: string, url: string): string {
  const functions: string[] = []
  return css.replace(CSS_TOKEN, (token: string, ...rest: unknown[]) => {
    const { name, text1, text2, ...addresses } = rest.at(-1) as Record<string, string | undefined>
    if (token === ')') functions.pop()
    if (name !== undefined) functions.push(name)
    const inFunction = ADDRESS_FUNCTIONS.test(functions.at(-1) ?? '') ? (text1 ?? text2) : undefined
    const address = inFunction ?? Object.values(addresses).find((it) => it !== undefined)
    if (address === undefined || !isRelativeAddress(address)) return token
    const start = token.lastIndexOf(address)
    const resolved = resolveAgainst(url, unescapeCss(address))
    // What a URL may hold and would end a CSS string or `url()`.
    const written = resolved.replace(/['()]/g, (it) => `%${it.charCodeAt(0).toString(16)}`)
    return token.slice(0, start) + written + token.slice(start + address.length)
  })
}

/** https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point */
function unescapeCss(text: string): string {
  return text.replace(/\\(?:([\da-f]{1,6})\s?|([\s\S]))/gi, (_, code?: string, character = '') =>
    code === undefined
      ? character.replace('\n', '')
      : String.fromCodePoint(Number.parseInt(code, 16)),
  )
}

/** `from "./x.js"`, `import "./x.js"` and `import("./x.js")`, in any of the three quotes that minifiers use. */
const IMPORTED = /\b(from|import)(\s*\(?\s*)(["'`])(\.{1,2}\/[^"'`\\\n]*)\3/g
/** Not in a string, not a part of a longer name. */
const META_URL = /(?<![\w$."'`])import\.meta\.url(?![\w$"'`])/g

/** Imports that were relative to the script; `import.meta.url` would be the page's. */
export function rebaseScript(code: string, url: string): string {
  return code
    .replace(
      IMPORTED,
      (_, word, between, quote, address) =>
        `${word}${between}${quote}${resolveAgainst(url, address)}${quote}`,
    )
    .replace(META_URL, () => `new URL(${JSON.stringify(url)},document.baseURI).href`)
}

/** No scheme, no host, no path from the root, no fragment of the page itself. */
function isRelativeAddress(address: string): boolean {
  return address !== '' && !/^(?:[a-z][a-z\d+.-]*:|[/#\\?])/i.test(address)
}

const ORIGIN = 'http://relative.invalid'

/** `resolveAgainst('/assets/a.css', '../x.png')` → `/x.png`. */
function resolveAgainst(url: string, address: string): string {
  const resolved = new URL(address, new URL(url, ORIGIN)).href
  if (!resolved.startsWith(ORIGIN)) {
    return url.startsWith('//') ? resolved.replace(/^https?:/, '') : resolved
  }
  return resolved.slice(ORIGIN.length)
}
