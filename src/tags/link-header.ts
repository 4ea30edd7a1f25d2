// Preloads as a `Link` header, and as 103 Early Hints: https://www.rfc-editor.org/rfc/rfc8288, rfc8297.

import type { Request, Response } from '../http.js'
import { encodeUrl } from '../urls.js'
import type { Tag } from './types.js'

/** nginx answers 502 when all headers together exceed 4 or 8 kB, so ours stay below this. */
const MOST_BYTES = 4000

/** What announces a tag's file, or `undefined` for a tag without one. */
export function linkValue({ kind, attributes }: Tag): string | undefined {
  const relation = relationOf(kind, attributes)
  if (relation === undefined) return undefined
  const url = attributes.href ?? attributes.src
  if (typeof url !== 'string') return undefined
  const { crossorigin, integrity } = attributes
  // Encoding takes the line breaks out, and what would end the brackets.
  return [
    `<${encodeUrl(url)}>`,
    relation,
    ...(crossorigin === true || crossorigin === '' ? ['crossorigin'] : []),
    ...(crossorigin === 'anonymous' || crossorigin === 'use-credentials'
      ? [`crossorigin=${crossorigin}`]
      : []),
    ...(typeof integrity === 'string' && /^[\w+/=-]+$/.test(integrity)
      ? [`integrity="${integrity}"`]
      : []),
  ].join('; ')
}

function relationOf(kind: Tag['kind'], { type }: Tag['attributes']): string | undefined {
  if (kind === 'style') return 'rel=preload; as=style'
  if (kind === 'font') return `rel=preload; as=font${isMediaType(type) ? `; type="${type}"` : ''}`
  const isModule = kind === 'preload' || (kind === 'script' && type === 'module')
  return isModule ? 'rel=modulepreload' : undefined
}

function isMediaType(type: unknown): type is string {
  return typeof type === 'string' && /^[\w.+/-]+$/.test(type)
}

/**
 * Appends to what the app has set. Does nothing once the headers are on their way.
 *
 * Carries the page's nonce: its policy applies to the header too, and `style-src 'nonce-…'` would block the
 * preload of a stylesheet.
 *
 * @see https://html.spec.whatwg.org/multipage/semantics.html#processing-link-headers
 */
export function appendLinks(res: Response, links: readonly string[], nonce?: string): void {
  if (res.headersSent) return
  const before = res.getHeader('Link')
  const had = before === undefined ? '' : [before].flat().join(', ')
  const withNonce = nonce === undefined ? links : links.map((link) => `${link}; nonce="${nonce}"`)
  // A page that failed half way and was begun again has announced them before.
  const added = withinBudget(
    withNonce.filter((link) => !had.includes(link)),
    had.length,
  )
  if (added.length > 0)
    res.setHeader('Link', had ? `${had}, ${added.join(', ')}` : added.join(', '))
}

/** The first links that fit; the order is that of importance. */
export function withinBudget(links: readonly string[], used = 0): string[] {
  const fitting: string[] = []
  let bytes = used
  for (const link of links) {
    bytes += link.length + (bytes === 0 ? 0 : ', '.length)
    if (bytes > MOST_BYTES) break
    fitting.push(link)
  }
  return fitting
}

/** On a response that had its early hints: browsers heed the first ones alone, so further builds send none. */
const HINTED = Symbol.for('connect-vite.early-hints')

/**
 * Whether this response is to have early hints now: its client is a browser that opens a page, understands an
 * answer before the answer, and had none yet.
 */
export function claimEarlyHints(req: Request, res: Response & { [HINTED]?: boolean }): boolean {
  const takes =
    req.headers['sec-fetch-mode'] === 'navigate' &&
    req.httpVersion !== '1.0' &&
    !res.headersSent &&
    typeof res.writeEarlyHints === 'function'
  if (!takes || res[HINTED]) return false
  res[HINTED] = true
  return true
}
