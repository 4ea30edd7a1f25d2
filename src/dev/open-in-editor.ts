// Vite's endpoint that opens a file in the developer's editor: for this machine, and for this app's own pages.
import type { IncomingMessage } from 'node:http'
import { originalUrl } from '../http.js'
import { isLoopbackAddress } from './host-check.js'
import type { PlainAnswer } from './plain-answer.js'

/** As Connect matches a route: in any case, and with more behind it. */
const ENDPOINT = /^[^?]*\/__open-in-editor(?:[/.?]|$)/i

/** What a page of another site cannot say of itself. https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header */
const OWN = new Set<unknown>([undefined, 'same-origin', 'none'])

const REFUSED: PlainAnswer = {
  status: 403,
  message: 'Files are opened in the editor for pages of this app on this machine alone.',
}

/**
 * Vite itself listens on this machine only, unless told otherwise. An app listens everywhere by default, and
 * whoever can reach it would open windows on the developer's screen.
 */
export function editorRefusal(req: IncomingMessage): PlainAnswer | undefined {
  if (!ENDPOINT.test(originalUrl(req))) return undefined
  const here = isLoopbackAddress(req.socket.remoteAddress)
  return here && OWN.has(req.headers['sec-fetch-site']) ? undefined : REFUSED
}
