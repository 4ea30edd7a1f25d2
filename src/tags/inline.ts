// Makes text safe inside its element, and right at another place than the file it came from.
// https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements

/** JSON may hold any character as an escape, so nothing can end its element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * `</script` and `<!--` occur in strings, templates and regular expressions, all of which know `\x3C`. As code
 * (`a<!--b`) no bundler prints them.
 */
export function escapeScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, '\\x3C')
}

/** In a CSS string or URL a backslash makes the next character itself. */
export function escapeStyle(css: string): string {
  return css.replace(/<(?=\/style|!--)/gi, '<\\')
}

/** A comment that would make developer tools look for the map beside the page. */
const SOURCE_MAP = /\n?(?:\/\/[#@] ?sourceMappingURL=[^\n]*|\/\*[#@] ?sourceMappingURL=.*?\*\/)\s*$/

export function withoutSourceMap(text: string): string {
  return text.replace(SOURCE_MAP, '')
}

/** `url(x)` and `@import "x"`. Comments and strings are read too, so that what is in them is left alone. */
const CSS_ADDRESS =
  /\/\*[\s\S]*?\*\/|\burl\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^"'()\s]+))\s*\)|@import\s*(?:"([^"]*)"|'([^']*)')|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g

/** Addresses that were relative to the stylesheet, made independent of the page. */
export function rebaseStyle(css: string, url: string): string {
  return css.replace(CSS_ADDRESS, (whole: string, ...groups: unknown[]) => {
    const address = groups.slice(0, 5).find((group) => group !== undefined) as string | undefined
    if (address === undefined || !isRelativeAddress(address)) return whole
    const start = whole.lastIndexOf(address)
    return (
      whole.slice(0, start) + resolveAgainst(url, address) + whole.slice(start + address.length)
    )
  })
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
