// The HMR socket to an external Vite: first the handshake, then a tunnel.
import type { IncomingMessage } from 'node:http'
import { type Duplex, pipeline } from 'node:stream'
import { originalUrl } from '../../http.js'
import { requestHost } from '../host-check.js'
import { answerOf, answerUpgradePlainly, headText, pairs } from '../plain-answer.js'
import type { ExternalVite } from './external-vite.js'
import { endToEnd, requestHeaders } from './headers.js'

/** The two hop-by-hop headers that an upgrade consists of (RFC 9110 §7.8). */
const UPGRADE = ['Connection', 'Upgrade', 'Upgrade', 'websocket']

export interface UpgradeExchange {
  req: IncomingMessage
  socket: Duplex
  /** What the client sent along with its request. */
  head: Buffer
  vite: ExternalVite
}

export function forwardUpgrade({ req, socket, head, vite }: UpgradeExchange): void {
  const asked = vite.request({
    path: originalUrl(req),
    headers: [...requestHeaders(req.rawHeaders, requestHost(req)), ...UPGRADE],
    fresh: true,
  })
  socket.once('close', () => asked.destroy())
  const stopWatching = watch(socket)

  let answered = false
  asked.on('upgrade', (incoming, far, farHead) => {
    answered = true
    vite.answered()
    stopWatching()
    socket.write(headText(101, [...endToEnd(incoming.rawHeaders), ...pairs(UPGRADE)]), 'latin1')
    if (farHead.length > 0) socket.write(farHead)
    if (head.length > 0) far.write(head)
    far.once('end', vite.hungUp).once('error', vite.hungUp)
    join(socket, far)
  })
  asked.on('response', (incoming) => {
    answered = true
    vite.answered()
    stopWatching()
    const headers = [...endToEnd(incoming.rawHeaders), ['Connection', 'close'] as const]
    socket.write(headText(incoming.statusCode ?? 502, headers), 'latin1')
    pipeline(incoming, socket, () => socket.destroy())
  })
  asked.on('error', (cause) => {
    stopWatching()
    if (answered || socket.destroyed) socket.destroy()
    else answerUpgradePlainly(socket, answerOf(vite.failed(cause)))
  })
  asked.end()
}

/**
 * Reads ahead without taking anything out, up to the stream's high water mark: a socket without a reader
 * does not notice that its other end has gone.
 */
function watch(socket: Duplex): () => void {
  const notice = () => socket.read(0)
  const gone = () => socket.destroy()
  socket.on('readable', notice).once('end', gone)
  return () => socket.off('readable', notice).off('end', gone)
}

/** Both ways, until either side has had enough; then neither stays. */
function join(near: Duplex, far: Duplex): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => from.destroy())
    from.once('end', () => to.end(() => to.destroy()))
    from.once('close', () => to.destroy())
    from.pipe(to, { end: false })
  }
}
