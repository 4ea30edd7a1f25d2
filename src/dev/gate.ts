// Which requests may go to Vite at all. Asked for HTTP and, where Vite is elsewhere, for upgrades alike.
import type { IncomingMessage } from 'node:http'
import { ConnectViteError } from '../errors.js'
import { originalUrl } from '../http.js'
import { createHostCheck, isLoopback } from './host-check.js'
import { editorRefusal } from './open-in-editor.js'
import { answerOf, type PlainAnswer } from './plain-answer.js'

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

export interface GateInput {
  /** Whether Vite is configured for HTTPS: then it makes no host check of its own; else it does, and knows better whom it allows. */
  secure: boolean
  allowedHosts: readonly string[] | true
  /** Where requests go, if that is elsewhere. */
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

function createHostRule(allowedHosts: readonly string[] | true): Gate {
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

/** The host that a request names: `:authority` in HTTP/2, and it wins there (RFC 9113 §8.3.1). */
export function requestHost(req: IncomingMessage): string | undefined {
  const authority = req.headers[':authority']
  return typeof authority === 'string' ? authority : req.headers.host
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
