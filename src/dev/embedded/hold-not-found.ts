// The app's 404 answers, held back until Vite has been asked: a plugin's middleware may serve such a file.
import type { Next, Response } from '../../http.js'
import { restoreHeaders } from './hand-over.js'

/** Bytes of an answer. A longer one goes out as it is. */
const LIMIT = 1024 * 1024

/** The methods of a response by which an answer goes out. */
const METHODS = ['writeHead', 'flushHeaders', 'write', 'end'] as const
type Method = (typeof METHODS)[number]
type Call = readonly [method: Method, all: unknown[]]
type Apply = (...all: unknown[]) => unknown

/**
 * Watches how the app answers. A 404 is collected, and when it is complete `ask` may answer instead: it finds the
 * response as it was before the app, and calls `decline` to have the app's answer sent. Every other answer passes.
 */
export function holdNotFound(res: Response, ask: (decline: Next) => void): void {
  const own = Object.fromEntries(METHODS.map((name) => [name, res[name]])) as Record<Method, Apply>
  const before = res.getHeaders()
  const held: Call[] = []
  let size = 0
  let isOver = false
  let isHeadSeen = false

  /** What wraps these methods from here on is bypassed: it has seen the app's answer already. */
  function giveBack(): void {
    isOver = true
    Object.assign(res, own)
  }

  function replay(): void {
    for (const [method, all] of held) Reflect.apply(own[method], res, all)
  }

  function finish(): void {
    const { statusCode, statusMessage } = res
    const headers = res.getHeaders()
    giveBack()
    restoreHeaders(res, before)
    res.statusCode = 200
    ask(() => {
      restoreHeaders(res, headers)
      res.statusCode = statusCode
      // HTTP/2 has none, and Node warns of each attempt to set one.
      if (statusMessage && res.req?.httpVersionMajor !== 2) res.statusMessage = statusMessage
      replay()
    })
  }

  /** Nothing is held for a status alone: the first part brings it. A wrapper writes the head before each part. */
  function holdHead(all: unknown[]): void {
    if (isHeadSeen) return
    isHeadSeen = true
    if (all.length > 1) held.push(['writeHead', all])
    else res.statusCode = all[0] as number
  }

  function hold(method: Method, all: unknown[]): void {
    if (method === 'writeHead') {
      holdHead(all)
      return
    }
    // As Node does with the first part: sessions and logs wrap `writeHead`, and add to the headers there.
    if (!isHeadSeen) res.writeHead(res.statusCode)
    held.push([method, all])
    const [chunk] = all
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) size += chunk.length
    if (size > LIMIT) {
      giveBack()
      replay()
    } else if (method === 'end') finish()
  }

  const wrap = (method: Method): Apply =>
    function connectViteHold(...all) {
      const status = method === 'writeHead' ? all[0] : res.statusCode
      const holds = !isOver && !res.headersSent && (isHeadSeen || status === 404)
      if (!holds) {
        isOver = true
        return Reflect.apply(own[method], res, all)
      }
      hold(method, all)
      return method === 'write' ? true : res
    }
  Object.assign(res, Object.fromEntries(METHODS.map((name) => [name, wrap(name)])))
}
