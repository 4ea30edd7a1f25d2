// Hands requests and upgrades to a Vite elsewhere, once the gate has let them through.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Next, Request, Response } from '../../http.js'
import type { Gate } from '../gate.js'
import { answerPlainly, answerUpgradePlainly } from '../plain-answer.js'
import { type ForwardRules, forwardRequest } from './forward-request.js'
import { forwardUpgrade } from './forward-upgrade.js'
import type { Reachability } from './reachability.js'
import type { Upstream } from './upstream.js'

export interface ForwarderParts {
  gate: Gate
  upstream: Upstream
  reachability: Reachability
}

export interface Forwarder {
  /** GET and HEAD; anything else, and what the dev server has nothing for, is handed on. */
  request(req: Request, res: Response, next: Next, rules: ForwardRules): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export function createForwarder({ gate, upstream, reachability }: ForwarderParts): Forwarder {
  return {
    request(req, res, next, rules) {
      const refusal = gate(req)
      if (req.method !== 'GET' && req.method !== 'HEAD') next()
      else if (refusal) answerPlainly(res, refusal)
      else forwardRequest({ req, res, next, rules, upstream, reachability })
    },
    upgrade(req, socket, head) {
      // First of all: Node's own listener is gone, and a reset must not end the process.
      socket.on('error', () => socket.destroy())
      const refusal = gate(req)
      if (refusal) answerUpgradePlainly(socket, refusal)
      else forwardUpgrade({ req, socket, head, upstream, reachability })
    },
  }
}
