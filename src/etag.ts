// Entity tags: made of content, and found in the lists that conditional headers carry (RFC 9110 §8.8.3).
import { createHash } from 'node:crypto'

/** A strong tag, with its quotes. */
export function etagOf(body: Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
}

/** Whether a header such as `If-None-Match` names `etag`. Weak comparison looks past `W/`, strong comparison refuses it (§8.8.3.2). */
export function namesEtag(list: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (list === etag) return true
  if (list.trim() === '*') return true
  // Tags may hold commas, so the quotes are what counts.
  for (let open = list.indexOf('"'); open !== -1; ) {
    const close = list.indexOf('"', open + 1)
    if (close === -1) return false
    const isWeak = open >= 2 && list.startsWith('W/', open - 2)
    if ((comparison === 'weak' || !isWeak) && list.slice(open, close + 1) === etag) return true
    open = list.indexOf('"', close + 1)
  }
  return false
}
