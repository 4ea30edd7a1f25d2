// Answers that are about the request and not about a file: constant plain text, never echoing anything of the request.
import type { Answer, HeaderBlock } from './representation.js'

export function plainText(status: number, text: string, more: HeaderBlock = {}): Answer {
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

/** Under the assets directory: an HTML page of the app's must never be handed out as a module. */
export const NOT_FOUND = plainText(404, 'Not Found')
