// Finds the places in an HTML page where a nonce goes, so that putting one in is a join of strings.

/** HTML that can be printed with any nonce. */
export interface Printable {
  /** As it is, for pages without a nonce. */
  readonly plain: string
  /** What stands between the nonces. */
  readonly pieces: readonly string[]
}

/** What becomes of `[start, end)` on a page with a nonce: `before`, the nonce, `after`. */
interface Edit {
  start: number
  end: number
  before: string
  after: string
}

export interface ScannedHtml {
  readonly html: string
  readonly edits: readonly Edit[]
  /** Where `</head>` begins, or -1. */
  readonly headEnd: number
}

/** A comment, or a tag with its attributes; quotes may hold a `>`. */
const TOKEN = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][^\s/>]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g
const NONCEABLE = new Set(['script', 'style', 'link'])
/** Elements whose text is text, whatever it looks like (https://html.spec.whatwg.org/#raw-text-elements). */
const TEXT_ELEMENTS = new Set(['script', 'style', 'textarea', 'title'])

export const print = ({ plain, pieces }: Printable, nonce: string | undefined): string =>
  nonce === undefined ? plain : pieces.join(nonce)

/** Reads the page once. Vite's own placeholders (`html.cspNonce`) give way to the nonce. */
export function scanHtml(html: string): ScannedHtml {
  const edits: Edit[] = []
  let headStart = -1
  let headEnd = -1
  let hasMeta = false
  for (const { start, end, closing, name, attributes } of tagsOf(html)) {
    if (name === 'head') {
      if (closing && headEnd === -1) headEnd = start
      if (!closing && headStart === -1) headStart = end
    }
    if (closing) continue
    const isMeta = name === 'meta' && /\bproperty\s*=\s*["']?csp-nonce\b/i.test(attributes)
    if (isMeta || NONCEABLE.has(name)) edits.push(nonceEdit(attributes, start + 1 + name.length))
    hasMeta ||= isMeta
  }
  const first = edits[0]
  const metaAt = headStart === -1 && first ? html.lastIndexOf('<', first.start) : headStart
  if (!hasMeta && metaAt !== -1) edits.push(metaEdit(metaAt))
  return { html, edits: edits.sort((a, b) => a.start - b.start), headEnd }
}

/** The part `[from, to)` of a page, ready to be printed. */
export function printable({ html, edits }: ScannedHtml, from = 0, to = html.length): Printable {
  const pieces: string[] = []
  let piece = ''
  let position = from
  for (const { start, end, before, after } of edits) {
    if (start < from || end > to) continue
    pieces.push(piece + html.slice(position, start) + before)
    piece = after
    position = end
  }
  pieces.push(piece + html.slice(position, to))
  return { plain: html.slice(from, to), pieces }
}

/** The tags of a page, without those that only look like one in a comment, a script or a title. */
function* tagsOf(html: string) {
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

/** In place of the `nonce` that is there, or a new attribute right after the tag's name. */
function nonceEdit(attributes: string, offset: number): Edit {
  for (const { 0: attribute, 1: name, index } of attributes.matchAll(ATTRIBUTE)) {
    if (name?.toLowerCase() !== 'nonce') continue
    const start = offset + index
    return { start, end: start + attribute.length, before: 'nonce="', after: '"' }
  }
  return { start: offset, end: offset, before: ' nonce="', after: '"' }
}

/** Vite's client and preload helper read the nonce from this element (https://vite.dev/guide/features#nonce-random). */
function metaEdit(at: number): Edit {
  return { start: at, end: at, before: '<meta property="csp-nonce" nonce="', after: '">' }
}
