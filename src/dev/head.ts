// The tags that Vite's transformIndexHtml prints, as tag objects: the client, and any plugin's preamble.
import { createHash } from 'node:crypto'
import { attributesOf, type HtmlTag, tagsOf } from '../html.js'
import type { Attributes, Tag } from '../tags/types.js'

/** The elements of a head that have content, which is left as it is. */
const WITH_TEXT = new Set(['script', 'style', 'noscript', 'template', 'title'])
/** The elements of a head that have none. */
const EMPTY = new Set(['link', 'meta', 'base'])

/** What a policy can ask a nonce of. */
const NONCED = new Set<Tag['name']>(['script', 'style', 'link'])

/**
 * Reads what `transformIndexHtml('/', '')` yields. Elements of the body are passed over: in a head they would
 * end it.
 *
 * A nonce of the user's own (`html.cspNonce`) stays as an attribute; a page's nonce is laid over it.
 */
export function parseHead(html: string): Tag[] {
  const tags: Tag[] = []
  let open: HtmlTag | undefined
  for (const tag of tagsOf(html)) {
    if (!open) {
      if (!tag.closing && WITH_TEXT.has(tag.name)) open = tag
      else if (!tag.closing && EMPTY.has(tag.name)) tags.push(toTag(tag, undefined))
    } else if (tag.closing && tag.name === open.name) {
      tags.push(toTag(open, html.slice(open.end, tag.start)))
      open = undefined
    }
  }
  return tags
}

function toTag(tag: HtmlTag, text: string | undefined): Tag {
  const name = tag.name as Tag['name']
  const attributes: Attributes = Object.fromEntries(
    Array.from(attributesOf(tag), ({ name, value }) => [
      name,
      value === undefined ? true : decode(value),
    ]),
  )
  const { nonce: _nonce, ...lasting } = attributes
  const url = attributes.src ?? attributes.href
  const role = [name, attributes.rel].filter(Boolean).join(' ')
  return {
    name,
    attributes,
    text: text || undefined,
    nonce: NONCED.has(name),
    kind: 'page',
    key: `page ${role} ${url ?? hash(JSON.stringify([lasting, text]))}`,
  }
}

/** The five that Vite writes, and numbers. Anything else is left as it is. */
const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(value: string): string {
  return value.replace(ENTITY, (entity, name?: string, decimal?: string, hex?: string) => {
    if (name) return NAMED[name.toLowerCase()] ?? entity
    const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity
  })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12)
}
