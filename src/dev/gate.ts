// Rules that refuse a request before Vite sees it: its form, its host, the editor. Upgrades to an external Vite obey them too.
import type { IncomingMessage } from 'node:http'
import { ConnectViteError } from '../errors.js'
import { originalUrl } from '../http.js'
import { createHostCheck, isLoopback, isLoopbackAddress, requestHost } from './host-check.js'
import { answerOf, type PlainAnswer } from './plain-answer.js'

/** The answer to a request that is refused, or nothing. */
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

export interface GateInput {
  /** Whether Vite is configured for HTTPS. Then it checks no host; else it does, and knows better which ones it allows. */
  secure: boolean
  allowedHosts: readonly string[] | true
  /** Where an external Vite is. */
  target?: URL
}

/** Asks one rule after the other. */
export function createGate({ secure, allowedHosts, target }: GateInput): Gate {
  const rules: Gate[] = [inOriginForm, editorRefusal]
  if (secure) rules.push(createHostRule(allowedHosts))
  if (target && isLoopback(target)) rules.push(createLoopRule(target))

  return (req) => {
    for (const rule of rules) {
      const refusal = rule(req)
      if (refusal) return refusal
    }
    return undefined
  }
}

function inOriginForm(req: IncomingMessage): PlainAnswer | undefined {
  return ORIGIN_FORM.test(originalUrl(req)) ? undefined : NOT_ORIGIN_FORM
}

/** Vite's endpoint that opens a file in the developer's editor, as Connect matches it: in any case, with more behind it. */
const EDITOR = /^[^?]*\/__open-in-editor(?:[/.?]|$)/i

/** The values that a page of another site cannot have. https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header */
const OWN_SITE = new Set<unknown>([undefined, 'same-origin', 'none'])

const EDITOR_REFUSED: PlainAnswer = {
  status: 403,
  message: 'Files are opened in the editor for pages of this app on this machine alone.',
}

/**
 * Vite itself listens on this machine only, unless configured otherwise. An app listens everywhere by default,
 * and every client that reaches it would open windows on the developer's screen.
 */
export function editorRefusal(req: IncomingMessage): PlainAnswer | undefined {
  if (!EDITOR.test(originalUrl(req))) return undefined
  const isHere = isLoopbackAddress(req.socket.remoteAddress)
  return isHere && OWN_SITE.has(req.headers['sec-fetch-site']) ? undefined : EDITOR_REFUSED
}

/** Refuses the hosts that are neither this machine's nor allowed. */
export function createHostRule(allowedHosts: readonly string[] | true): Gate {
  const mayName = createHostCheck(allowedHosts)
  return (req) => {
    const host = requestHost(req)
    return mayName(host) ? undefined : hostRefused(host)
  }
}

/** A URL of this very app would send its requests round in circles. */
function createLoopRule({ href, port, protocol }: URL): Gate {
  const here = Number(port || (protocol === 'https:' ? 443 : 80))
  const refusal = {
    status: 508,
    message: `devServer is ${href}, and that is this app itself. Name the URL that \`vite\` prints, or leave the option out.`,
  }
  return (req) => (req.socket.localPort === here ? refusal : undefined)
}

function hostRefused(host: string | undefined): PlainAnswer {
  const name = JSON.stringify(host?.replace(/:\d*$/, '') ?? '')
  const refusal = new ConnectViteError('ERR_HOST_NOT_ALLOWED', {
    what: `The host ${name} may not reach the Vite dev server.`,
    likelyCause: 'it is neither localhost nor an IP address, and not in devServer.allowedHosts',
    remedy: `if the name is yours, set devServer: { allowedHosts: [${name}] } in connectVite()`,
  })
  return answerOf(refusal)
}
