// The whole HTTP logic as one pure function: what to answer to these request headers about this content.
import type { IncomingHttpHeaders } from 'node:http'
import { DCZ, IDENTITY } from '../codings.js'
import { bestEncoding, type Content, TAG_LENGTH } from './asset.js'
import { byteRange, ifRange, precondition } from './conditional.js'
import type { Answer, HeaderBlock, Representation } from './representation.js'

/**
 * @param accepted - codings that the client takes, as bits
 * @param delta - the difference to a file that the client has, which then is the smallest
 */
export function decide(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  content: Content,
  accepted: number,
  delta?: Representation,
): Answer {
  // RFC 9110 §14.2: Range is for GET alone. A client that refuses the plain bytes can't have a part of them.
  const { range } = headers
  if (range !== undefined && method === 'GET' && (accepted & IDENTITY) !== 0) {
    const answer = decideRange(range, headers, content)
    if (answer !== undefined) return answer
  }
  const representation = delta ?? bestEncoding(content, accepted)
  if (representation === content.identity && !takesIdentity(content, accepted)) {
    return notAcceptable(content)
  }
  return checked(headers, representation) ?? heldAsDelta(headers, content) ?? representation.ok
}

/**
 * A client that got the content as a delta has the entity tag of that delta. It cannot ask for it in the same words
 * again, because the content itself is now its dictionary; so the tag counts by its content.
 */
function heldAsDelta(
  headers: IncomingHttpHeaders,
  { identity, digest }: Content,
): Answer | undefined {
  const condition = headers['if-none-match']
  if (condition === undefined || identity.etag.length === condition.length) return undefined
  const tag = new RegExp(`"${digest.slice(0, TAG_LENGTH)}${DCZ.tag}-[\\w-]+"`).exec(condition)
  if (tag === null) return undefined
  const { headers: block } = identity.notModified
  return { status: 304, headers: { ...block, ETag: tag[0] } }
}

/** Where there is nothing to choose from, the header has no say (RFC 9110 §12.4.1). */
function takesIdentity({ encoded }: Content, accepted: number): boolean {
  return (accepted & IDENTITY) !== 0 || encoded.length === 0
}

/** The answer where a condition ends it. */
function checked(headers: IncomingHttpHeaders, representation: Representation): Answer | undefined {
  switch (precondition(headers, representation)) {
    case 200:
      return undefined
    case 304:
      return representation.notModified
    case 412:
      return plainText(412, 'Precondition Failed')
  }
}

/** Ranges are cut from the plain bytes, so that they fit together whatever was negotiated before. */
function decideRange(
  range: string,
  headers: IncomingHttpHeaders,
  { identity }: Content,
): Answer | undefined {
  if (!ifRange(headers, identity)) return undefined
  const wanted = byteRange(range, identity.length)
  if (wanted === undefined) return undefined
  const ended = checked(headers, identity)
  if (ended !== undefined) return ended
  if (wanted === 'unsatisfiable') {
    const size = { 'Content-Range': `bytes */${identity.length}` }
    return plainText(416, 'Range Not Satisfiable', size)
  }
  const { start, end } = wanted
  return {
    status: 206,
    headers: {
      ...identity.ok.headers,
      'Content-Length': end - start,
      'Content-Range': `bytes ${start}-${end - 1}/${identity.length}`,
    },
    body: identity,
    range: wanted,
  }
}

function notAcceptable({ encoded }: Content): Answer {
  const offered = encoded.map(({ coding }) => coding!.name).join(', ')
  return plainText(406, `Not Acceptable: identity, ${offered}`, { Vary: 'Accept-Encoding' })
}

/** An answer about the request and not about a file: constant text that echoes nothing of the request. */
function plainText(status: number, text: string, more: HeaderBlock = {}): Answer {
  const body = `${text}\n`
  const headers = Object.freeze({
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // Tomorrow's deployment may have the file, or another range of it.
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...more,
  })
  return { status, headers, text: body }
}

/** Under the assets directory: a browser must never get an HTML page of the app as a module. */
export const NOT_FOUND = plainText(404, 'Not Found')
