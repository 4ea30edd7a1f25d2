// Turns the tags that Vite's transformIndexHtml prints into tag objects: the client, and any plugin's preamble.
import { createHash } from 'node:crypto'
import type { Attributes, Tag } from '../tags/types.js'

/** The elements that a head may hold: with content, which is left as it is, or void. */
const ELEMENT =
  /<!--[\s\S]*?-->|<(script|style|noscript|template|title)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/\1\s*>|<(link|meta|base)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi

/** What a policy can ask a nonce of. */
const NONCED = new Set<Tag['name']>(['script', 'style', 'link'])

const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g

/**
 * Reads what `transformIndexHtml('/', '')` yields. It is Vite's own regular output, so patterns are enough;
 * elements of the body are passed over: in a head they would end it.
 *
 * A nonce of the user's own (`html.cspNonce`) stays as an attribute; a page's nonce is laid over it.
 */
export function parseHead(html: string): Tag[] {
  const tags: Tag[] = []
  for (const [, raw, rawAttributes, text, empty, emptyAttributes] of html.matchAll(ELEMENT)) {
    const name = (raw ?? empty)?.toLowerCase() as Tag['name'] | undefined
    if (name) tags.push(toTag(name, parseAttributes(rawAttributes ?? emptyAttributes ?? ''), text))
  }
  return tags
}

function toTag(name: Tag['name'], attributes: Attributes, text: string | undefined): Tag {
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

function parseAttributes(source: string): Attributes {
  const found = [...source.matchAll(ATTRIBUTE)].map(([, name = '', double, single, bare]) => {
    const value = double ?? single ?? bare
    return [name.toLowerCase(), value === undefined ? true : decode(value)] as const
  })
  return Object.fromEntries(found)
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
