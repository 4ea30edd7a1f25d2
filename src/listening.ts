// The moment at which the app begins to listen: Vite then starts, before the first request.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'

/** Published when a server of this process listens. A Node without the channel starts Vite at the first request. */
const CHANNEL = 'tracing:net.server.listen:asyncEnd'

/** Milliseconds. A server that is closed at once, by a test or a script, starts nothing. */
const SETTLED = 20

/**
 * Calls back once, with the first server whose requests reach `middleware` and that goes on listening. Only Express and
 * Connect apps show what they use, so a middleware behind a function of the app is not found.
 *
 * @returns ends the waiting
 */
export function whenListening(middleware: unknown, begin: (server: Server) => void): () => void {
  const onListening = (message: unknown) => {
    const { server } = message as { server?: Server }
    if (!server?.listeners('request').some((listener) => leadsTo(listener, middleware))) return
    setTimeout(() => {
      if (!server.listening) return
      stop()
      begin(server)
    }, SETTLED).unref()
  }
  const stop = () => void unsubscribe(CHANNEL, onListening)
  subscribe(CHANNEL, onListening)
  return stop
}

/** What a listener of `wrap()` leads to. */
const LEADS_TO: unique symbol = Symbol('connect-vite.leads-to')

/** Makes it known that a listener of our own passes requests to the middleware. */
export function markAsLeading<Listener extends object>(
  listener: Listener,
  middleware: unknown,
): Listener {
  return Object.assign(listener, { [LEADS_TO]: middleware })
}

interface App {
  [LEADS_TO]?: unknown
  /** A router, or an app of Connect. */
  stack?: { handle?: unknown }[]
  /** Express 4, where `router` is a getter that throws. */
  _router?: App
  lazyrouter?: unknown
  /** Express 5. */
  router?: App
}

function leadsTo(listener: unknown, middleware: unknown): boolean {
  if (listener === middleware) return true
  if (typeof listener !== 'function') return false
  const app = listener as App
  const router = app.lazyrouter ? app._router : app.router
  const stack = app.stack ?? router?.stack
  if (Array.isArray(stack)) return stack.some(({ handle }) => leadsTo(handle, middleware))
  return app[LEADS_TO] !== undefined && app[LEADS_TO] === middleware
}
