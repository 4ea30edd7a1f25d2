// Conditional requests: does the client's copy still hold, and may the request be carried out (RFC 9110 §13)?
import type { IncomingHttpHeaders } from 'node:http'

/** What a client's conditions are held against. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string
  /** As the header says it. */
  readonly lastModified: string
}

/** The conditions in the order of precedence of §13.2.2. `200` means: go on. */
export function precondition(headers: IncomingHttpHeaders, current: Validators): 200 | 304 | 412 {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) {
    if (!namesTag(ifMatch, current.etag, false)) return 412
  } else {
    const ifUnmodified = headers['if-unmodified-since']
    if (ifUnmodified !== undefined && isModifiedSince(current, ifUnmodified)) return 412
  }
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return namesTag(ifNoneMatch, current.etag, true) ? 304 : 200
  const ifModified = headers['if-modified-since']
  return ifModified !== undefined && isUnmodifiedSince(current, ifModified) ? 304 : 200
}

/** Whether a range may be cut from the current body: only when it is, byte for byte, the one meant (§13.1.5). */
export function ifRange(headers: IncomingHttpHeaders, current: Validators): boolean {
  const header = headers['if-range']
  return header === undefined || header === current.etag || header === current.lastModified
}

/** Whether `list` names `etag`. Weak comparison looks past `W/`, strong comparison refuses it (§8.8.3.2). */
function namesTag(list: string, etag: string, weak: boolean): boolean {
  if (list === etag) return true
  if (list.trim() === '*') return true
  // Tags may hold commas, so the quotes are what counts.
  for (let open = list.indexOf('"'); open !== -1; ) {
    const close = list.indexOf('"', open + 1)
    if (close === -1) return false
    const isWeak = open >= 2 && list.startsWith('W/', open - 2)
    if ((weak || !isWeak) && list.slice(open, close + 1) === etag) return true
    open = list.indexOf('"', close + 1)
  }
  return false
}

// A date that isn't one is no condition at all (§13.1.3, §13.1.4), hence two questions and not one with its negation.
function isUnmodifiedSince({ lastModified }: Validators, header: string): boolean {
  return header === lastModified || Date.parse(lastModified) <= httpDate(header)
}

function isModifiedSince({ lastModified }: Validators, header: string): boolean {
  return Date.parse(lastModified) > httpDate(header)
}

const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]+, \d\d-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/

/** The three forms of §5.6.7, the third of which does not say that it is GMT; `NaN` for anything else. */
function httpDate(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}
