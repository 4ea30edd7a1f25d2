// An HTML page of the app's in development: the styles of its modules, which would otherwise come after the first paint.
import { attributesOf, tagsOf } from '../html.js'
import type { PageStyle } from '../vite-types.js'
import { escapeAttribute, escapeStyle } from './html.js'

/** URLs of the module scripts of a page, in order, as they are written. */
export function moduleScripts(html: string): string[] {
  return Array.from(tagsOf(html)).flatMap((tag) => {
    if (tag.closing || tag.name !== 'script') return []
    const attributes = new Map(Array.from(attributesOf(tag), ({ name, value }) => [name, value]))
    const src = attributes.get('src')
    return attributes.get('type') === 'module' && src ? [src.replaceAll('&amp;', '&')] : []
  })
}

/** Vite's client (5 and later) adopts the elements by their ids. */
export function withStyles(html: string, styles: readonly PageStyle[]): string {
  const texts = new Map(styles.map(({ id, css }) => [id, css]))
  const elements = Array.from(
    texts,
    ([id, css]) => `<style data-vite-dev-id="${escapeAttribute(id)}">${escapeStyle(css)}</style>\n`,
  )
  return intoHead(html, elements.join(''))
}

export function intoHead(html: string, text: string): string {
  if (text === '') return html
  for (const { name, closing, start } of tagsOf(html)) {
    const isEnd = (name === 'head' && closing) || (name === 'body' && !closing)
    if (isEnd) return html.slice(0, start) + text + html.slice(start)
  }
  return text + html
}
