// From tag objects to a string. All HTML is written and escaped in this file.
import type { AttributeValue, Tag } from './types.js'

/** Elements that have no end tag. */
const VOID = new Set<Tag['name']>(['link', 'meta', 'base'])

/**
 * Renders tags, one a line, cut open wherever the page's nonce belongs: {@link joinPieces} puts it there.
 * Without a nonce it is one piece.
 */
export function renderPieces(tags: readonly Tag[], withNonce: boolean): string[] {
  const pieces: string[] = []
  let open = ''
  for (const [index, tag] of tags.entries()) {
    if (index > 0) open += '\n'
    const nonced = withNonce && tag.nonce === true
    open += `<${tag.name}${renderAttributes(tag, nonced)}`
    if (nonced) {
      pieces.push(open)
      open = ''
    }
    open += VOID.has(tag.name) ? '>' : `>${tag.text ?? ''}</${tag.name}>`
  }
  pieces.push(open)
  return pieces
}

/** A nonce holds base64 characters only, so there is nothing to escape. */
export function joinPieces(pieces: readonly string[], nonce: string | undefined): string {
  let text = pieces[0]!
  if (nonce === undefined) return text
  const attribute = ` nonce="${nonce}"`
  // Put together piece by piece: that is several times as fast as a join.
  for (let index = 1; index < pieces.length; index++) text += attribute + pieces[index]
  return text
}

function renderAttributes(tag: Tag, nonced: boolean): string {
  let html = ''
  for (const [name, value] of Object.entries(tag.attributes)) {
    // The page's nonce is laid over one that Vite's own configuration put there.
    if (!(nonced && name === 'nonce')) html += renderAttribute(name, value)
  }
  return html
}

function renderAttribute(name: string, value: AttributeValue): string {
  if (value === true) return ` ${name}`
  if (value === false || value === null || value === undefined) return ''
  return ` ${name}="${escapeAttribute(String(value))}"`
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
}

export function escapeAttribute(value: string): string {
  return value.replace(/[&"'<>]/g, (character) => ESCAPES[character]!)
}

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
