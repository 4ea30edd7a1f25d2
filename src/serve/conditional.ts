// Conditional and range requests (RFC 9110 §13 and §14): whether the client's copy still holds, and which part it wants.
import type { IncomingHttpHeaders } from 'node:http'
import { namesEtag } from '../etag.js'

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
    if (!namesEtag(ifMatch, current.etag, 'strong')) return 412
  } else {
    const ifUnmodified = headers['if-unmodified-since']
    if (ifUnmodified !== undefined && isModifiedSince(current, ifUnmodified)) return 412
  }
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return namesEtag(ifNoneMatch, current.etag, 'weak') ? 304 : 200
  const ifModified = headers['if-modified-since']
  return ifModified !== undefined && isUnmodifiedSince(current, ifModified) ? 304 : 200
}

/** Whether a range may be cut from the current body: only when it is, byte for byte, the one meant (§13.1.5). */
export function ifRange(headers: IncomingHttpHeaders, current: Validators): boolean {
  const header = headers['if-range']
  return header === undefined || header === current.etag || header === current.lastModified
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

export interface ByteRange {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * What `header` asks of a body of `size` bytes; `undefined` where the header is to be ignored and all of it sent:
 * another unit, several ranges (which we may refuse to join), nonsense.
 */
export function byteRange(header: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = ONE_RANGE.exec(header) ?? []
  if (first === '') {
    if (last === '') return undefined
    const start = Math.max(0, size - Number(last))
    return start < size ? { start, end: size } : 'unsatisfiable'
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  const end = last === '' ? size : Number(last) + 1
  return start < size ? { start, end: Math.min(end, size) } : 'unsatisfiable'
}
