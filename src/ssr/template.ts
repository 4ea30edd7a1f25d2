// HTML pages, cut where a nonce, head tags and rendered HTML go in, so that printing one is a join of strings.
import { ConnectViteError } from '../errors.js'
import { attributesOf, type HtmlTag, tagsOf } from '../html.js'
import { keyOf } from '../tags/tag-maker.js'

/** HTML that can be printed with any nonce. */
export interface Printable {
  /** As it is, for pages without a nonce. */
  readonly plain: string
  /** What stands between the nonces. */
  readonly pieces: readonly string[]
}

/** The text in place of `[start, end)` on a page with a nonce: `before`, the nonce, `after`. */
interface Edit {
  start: number
  end: number
  before: string
  after: string
}

/** A page whose places are known. */
interface ScannedHtml {
  readonly html: string
  readonly edits: readonly Edit[]
  /** Where `</head>` begins, or -1. */
  readonly headEnd: number
}

const NONCEABLE = new Set(['script', 'style', 'link'])

export const print = ({ plain, pieces }: Printable, nonce: string | undefined): string =>
  nonce === undefined ? plain : pieces.join(nonce)

/** Reads the page once. Vite's own placeholders (`html.cspNonce`) give way to the nonce. */
export function scanHtml(html: string): ScannedHtml {
  const edits: Edit[] = []
  let headStart = -1
  let headEnd = -1
  let hasMeta = false
  for (const tag of tagsOf(html)) {
    const { start, end, closing, name, attributes } = tag
    if (name === 'head') {
      if (closing && headEnd === -1) headEnd = start
      if (!closing && headStart === -1) headStart = end
    }
    if (closing) continue
    const isMeta = name === 'meta' && /\bproperty\s*=\s*["']?csp-nonce\b/i.test(attributes)
    if (isMeta || NONCEABLE.has(name)) edits.push(nonceEdit(tag))
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

/** In place of the `nonce` that is there, or a new attribute right after the tag's name. */
function nonceEdit(tag: HtmlTag): Edit {
  const offset = tag.start + 1 + tag.name.length
  for (const { name, start, end } of attributesOf(tag)) {
    if (name !== 'nonce') continue
    return { start: offset + start, end: offset + end, before: 'nonce="', after: '"' }
  }
  return { start: offset, end: offset, before: ' nonce="', after: '"' }
}

/** Vite's client and preload helper read the nonce from this element (https://vite.dev/guide/features#nonce-random). */
function metaEdit(at: number): Edit {
  return { start: at, end: at, before: '<meta property="csp-nonce" nonce="', after: '">' }
}

/** The page around what is rendered. */
export interface Shell {
  /** Keys of what the template loads, as tags have them. */
  readonly keys: readonly string[]
  /** All that stands before the outlet, with `head` as the last thing in the head. */
  before(head: string, nonce: string | undefined): string
  /** All that stands after it. */
  after(nonce: string | undefined): string
}

/**
 * Cut, not replaced: `$&` in a replacement string means something, and rendered text may hold an outlet of its own.
 *
 * @throws ConnectViteError `ERR_SSR_OUTLET` when the template has no outlet
 */
export function createShell(template: string, outlet: string, file: string): Shell {
  const at = template.indexOf(outlet)
  if (at === -1) throw noOutlet(template, outlet, file)
  const page = scanHtml(template)
  // Without a head, or with an outlet inside it, head tags come right before the HTML.
  const headAt = page.headEnd === -1 || page.headEnd > at ? at : page.headEnd
  const top = printable(page, 0, headAt)
  const middle = printable(page, headAt, at)
  const rest = printable(page, at + outlet.length)
  let untitled: Printable | undefined
  const topFor = (head: string) => {
    if (!hasTitle(head)) return top
    untitled ??= printable(scanHtml(withoutTitle(template.slice(0, headAt))))
    return untitled
  }
  return {
    keys: keysOf(template),
    before: (head, nonce) => print(topFor(head), nonce) + head + print(middle, nonce),
    after: (nonce) => print(rest, nonce),
  }
}

function keysOf(html: string): string[] {
  return Array.from(tagsOf(html)).flatMap((tag) => {
    if (tag.closing || !NONCEABLE.has(tag.name)) return []
    const attributes = Array.from(attributesOf(tag), ({ name, value = '' }) => [name, value])
    return keyOf(tag.name, Object.fromEntries(attributes)) ?? []
  })
}

/** A browser shows the first title of a page, so that of the template gives way to that of the head. */
function withoutTitle(top: string): string {
  const title = titleOf(top)
  const end = title && top.indexOf('>', top.indexOf('</', title.end))
  return title && end ? top.slice(0, title.start) + top.slice(end + 1) : top
}

function hasTitle(head: string): boolean {
  return /<title/i.test(head) && titleOf(head) !== undefined
}

function titleOf(html: string): HtmlTag | undefined {
  for (const tag of tagsOf(html)) {
    // A drawing has titles as well.
    if (tag.name === 'body' || tag.name === 'svg') return undefined
    if (tag.name === 'title' && !tag.closing) return tag
  }
  return undefined
}

function noOutlet(template: string, outlet: string, file: string): ConnectViteError {
  const others = [...template.matchAll(/<!--[\w:\s-]{1,40}-->/g)].map(([comment]) => comment)
  return new ConnectViteError('ERR_SSR_OUTLET', {
    what: `The template has no ${outlet}, so there is no place for what render() returns.`,
    lookedIn: file,
    likelyCause:
      others.length > 0
        ? `the outlet has another name there; these comments are in it: ${others.join(' ')}`
        : 'the template is that of a page without server rendering',
    remedy: `Put ${outlet} inside the element that the app is mounted on, or name the outlet in the options.`,
  })
}
