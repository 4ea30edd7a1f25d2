// A reader of HTML: its tags in order, and the attributes of each.

/** An opening or closing tag, at `[start, end)` of the page. */
export interface HtmlTag {
  readonly start: number
  readonly end: number
  readonly closing: boolean
  /** In lower case. */
  readonly name: string
  /** The text between name and `>`. */
  readonly attributes: string
}

/** One attribute, at `[start, end)` of {@link HtmlTag.attributes}. */
export interface HtmlAttribute {
  readonly start: number
  readonly end: number
  /** In lower case. */
  readonly name: string
  /** As written, without quotes. An attribute without a value has none. */
  readonly value: string | undefined
}

/** A comment, or a tag with its attributes. Quotes may hold a `>`. */
const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][^\s/>]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
/** Elements that hold text only (https://html.spec.whatwg.org/#raw-text-elements). */
const TEXT_ELEMENTS = new Set(['script', 'style', 'textarea', 'title'])

/** All tags, without those that only look like one in a comment, a script or a title. */
export function* tagsOf(html: string): Generator<HtmlTag> {
  const tokens = new RegExp(TOKEN)
  for (let match = tokens.exec(html); match; match = tokens.exec(html)) {
    const [token, slash, rawName, attributes = ''] = match
    if (!rawName) continue
    const name = rawName.toLowerCase()
    const closing = slash === '/'
    yield { start: match.index, end: match.index + token.length, closing, name, attributes }
    if (!closing && TEXT_ELEMENTS.has(name))
      tokens.lastIndex = endOfText(html, name, tokens.lastIndex)
  }
}

function endOfText(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}[\\s/>]`, 'gi')
  close.lastIndex = from
  return close.exec(html)?.index ?? html.length
}

export function* attributesOf({ attributes }: HtmlTag): Generator<HtmlAttribute> {
  for (const match of attributes.matchAll(ATTRIBUTE)) {
    const [attribute, name = '', double, single, bare] = match
    const end = match.index + attribute.length
    yield { start: match.index, end, name: name.toLowerCase(), value: double ?? single ?? bare }
  }
}
