// Errors in development: their stack points at source lines, and open pages show them in Vite's overlay.
import type { ErrorPayload, ViteDevServer } from 'vite'
import { payloadOf } from '../../module-error.js'
import type { Failures } from '../host.js'

/** Milliseconds after an edit. Vite needs some of them to forget the module as it was. */
const RELOAD_AFTER = 100

/**
 * Vite keeps an error for a client that connects later, but would show it after it was mended, too. So what
 * is broken is remembered here, and told to those who connect while it is. And Vite tells browsers of edits to
 * what they have loaded themselves: here pages load again too when a module of the server is edited, and
 * something is broken.
 */
export function createOverlay(getVite: () => ViteDevServer | undefined): Failures {
  const broken = new Map<string, ErrorPayload>()
  const attended = new WeakSet<object>()
  let reload: NodeJS.Timeout | undefined

  function attend(vite: ViteDevServer): void {
    const { ws, watcher } = vite
    if (attended.has(ws)) return
    attended.add(ws)
    ws.on('connection', (socket) => {
      const last = [...broken.values()].at(-1)
      if (last) socket.send(JSON.stringify(last))
    })
    watcher.on('change', (file) => {
      if (broken.size === 0 || !isServerModule(vite, file)) return
      clearTimeout(reload)
      reload = setTimeout(() => ws.send({ type: 'full-reload' }), RELOAD_AFTER).unref()
    })
  }

  return {
    failed(origin, error) {
      const vite = getVite()
      if (!vite || isAnswer(error)) return error
      if (!isMapped(vite) && Object.hasOwn(error, 'stack')) vite.ssrFixStacktrace(error)
      const payload = payloadOf(error)
      broken.set(origin, payload)
      attend(vite)
      if (vite.ws.clients.size > 0) vite.ws.send(payload)
      return error
    },
    worked: (origin) => void broken.delete(origin),
  }
}

/** A thrown 404 is how some apps answer: nothing is broken. */
function isAnswer({ status, statusCode }: Error & { status?: unknown; statusCode?: unknown }) {
  const code = Number(status ?? statusCode)
  return code >= 400 && code < 500
}

interface ModuleGraph {
  getModulesByFile(file: string): ReadonlySet<unknown> | undefined
}

/** An app's log, written because of the error, is none: it would load the page again and again. */
function isServerModule(vite: ViteDevServer, file: string): boolean {
  const path = file.replaceAll('\\', '/')
  return serverGraphs(vite).some((graph) => graph.getModulesByFile(path)?.size)
}

function serverGraphs(vite: ViteDevServer): ModuleGraph[] {
  // Vite 5 has one graph for all.
  if (!vite.environments) return [vite.moduleGraph]
  const { client: _, ...servers } = vite.environments
  return Object.values(servers).map(({ moduleGraph }) => moduleGraph)
}

/**
 * Since version 6 Vite has Node map stacks by its own source map support, which is out of work where a test
 * runner or `source-map-support` has replaced `Error.prepareStackTrace`.
 */
function isMapped({ environments }: ViteDevServer): boolean {
  const { prepareStackTrace } = Error
  return environments && (prepareStackTrace?.name ?? NODES_OWN) === NODES_OWN
}

/** The name of the function that Node has there itself. */
const NODES_OWN = 'ErrorPrepareStackTrace'
