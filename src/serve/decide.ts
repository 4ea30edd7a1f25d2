// The whole HTTP logic as one pure function: what to answer to these request headers about this content.
import type { IncomingHttpHeaders } from 'node:http'
import type { Content } from './asset.js'
import { IDENTITY } from './codings.js'
import { ifRange, precondition } from './conditional.js'
import { byteRange } from './range.js'
import { plainText } from './refusals.js'
import type { Answer, Representation } from './representation.js'

/**
 * @param accepted - codings that the client takes, as bits
 */
export function decide(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  content: Content,
  accepted: number,
): Answer {
  // RFC 9110 §14.2: Range is for GET alone. A client that refuses the plain bytes can't have a part of them.
  const { range } = headers
  if (range !== undefined && method === 'GET' && (accepted & IDENTITY) !== 0) {
    const answer = decideRange(range, headers, content)
    if (answer !== undefined) return answer
  }
  const representation = select(content, accepted)
  if (representation === undefined) return notAcceptable(content)
  return checked(headers, representation) ?? representation.ok
}

/** The smallest encoding that the client takes, else the file as it is. */
function select({ identity, encoded }: Content, accepted: number): Representation | undefined {
  for (const representation of encoded) {
    if ((accepted & representation.coding!.bit) !== 0) return representation
  }
  // Where there is nothing to choose from, the header has no say (RFC 9110 §12.4.1).
  return (accepted & IDENTITY) !== 0 || encoded.length === 0 ? identity : undefined
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
