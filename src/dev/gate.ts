// Which requests may go to Vite at all. Asked for HTTP and, where Vite is elsewhere, for upgrades alike.
import type { IncomingMessage } from 'node:http'
import { ConnectViteError } from '../errors.js'
import { originalUrl } from '../http.js'
import { createHostCheck } from './host-check.js'
import { editorRefusal } from './open-in-editor.js'
import type { PlainAnswer } from './plain-answer.js'

/** Why a request goes no further, or nothing. */
export type Gate = (req: IncomingMessage) => PlainAnswer | undefined

/**
 * Origin form (RFC 9112 §3.2.1) in characters that may stand in a request line. A `#` never comes from a
 * browser: it has carried requests past Vite's own file checks (CVE-2025-32395).
 */
const ORIGIN_FORM = /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/

const NOT_ORIGIN_FORM: PlainAnswer = {
  status: 400,
  message: 'The request target has to start with "/" and must not contain "#".',
}

/**
 * @param secure whether Vite is configured for HTTPS: then it makes no host check of its own; else it does, and
 * knows better whom it allows
 */
export function createGate(secure: boolean, allowedHosts: readonly string[] | true): Gate {
  const mayName = secure ? createHostCheck(allowedHosts) : () => true

  return (req) => {
    if (!ORIGIN_FORM.test(originalUrl(req))) return NOT_ORIGIN_FORM
    const host = requestHost(req)
    return mayName(host) ? editorRefusal(req) : hostRefused(host)
  }
}

/** The host that a request names: `:authority` in HTTP/2, and it wins there (RFC 9113 §8.3.1). */
export function requestHost(req: IncomingMessage): string | undefined {
  const authority = req.headers[':authority']
  return typeof authority === 'string' ? authority : req.headers.host
}

function hostRefused(host: string | undefined): PlainAnswer {
  const name = JSON.stringify(host?.replace(/:\d*$/, '') ?? '')
  const { code, message } = new ConnectViteError('ERR_HOST_NOT_ALLOWED', {
    what: `The host ${name} may not reach the Vite dev server.`,
    likelyCause: 'it is neither localhost nor an IP address, and not in devServer.allowedHosts',
    remedy: `if the name is yours, set devServer: { allowedHosts: [${name}] } in connectVite()`,
  })
  return { status: 403, message: `${code}: ${message}` }
}
