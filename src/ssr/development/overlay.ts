// Errors in development: their stack points at source lines, and open pages show them in Vite's overlay.
import { parse } from 'node:path'
import type { ErrorPayload, ViteDevServer } from 'vite'
import { originalUrl, type Request } from '../../http.js'
import { attachError, payloadOf } from '../../module-error.js'
import { asksForDocument } from '../../navigation.js'
import { splitSuffix } from '../../urls.js'
import type { Failures } from '../host.js'

/** Milliseconds after an edit. Vite needs some of them to forget the module as it was. */
const RELOAD_AFTER = 100

/** An error, and the path of the page that it belongs to. Vite's client shows it there alone, see `page-client.ts`. */
type PageError = ErrorPayload & { page: string }

/**
 * Vite keeps an error for a client that connects later, and would show it after it was fixed, too. So errors are
 * kept here, and sent to those who connect while they last.
 *
 * Vite reloads browsers for edits of what they have loaded themselves. Pages that were sent an error also reload
 * when a server module is edited, even if the entry has answered another address in between.
 */
export function createOverlay(getVite: () => ViteDevServer | undefined): Failures {
  const broken = new Map<string, PageError>()
  /** What open pages were shown since they were last reloaded. */
  const shown = new Set<string>()
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
    const reloadPages = () => {
      clearTimeout(reload)
      reload = setTimeout(() => {
        shown.clear()
        ws.send({ type: 'full-reload' })
      }, RELOAD_AFTER).unref()
    }
    watcher.on('change', (file) => {
      if (shown.size > 0 && isServerModule(vite, file)) reloadPages()
    })
    watcher.on('add', (file) => {
      // The file that an import was missing.
      const { name } = parse(file)
      if ([...shown].some((message) => message.includes(name))) reloadPages()
    })
  }

  return {
    failed(origin, error, res) {
      if (isAnswer(error)) return error
      const vite = getVite()
      if (vite && !isMapped(vite) && Object.hasOwn(error, 'stack')) vite.ssrFixStacktrace(error)
      const payload = { ...payloadOf(error), page: pageOf(res.req as Request) }
      attachError(res, payload)
      // An external Vite tells its clients itself.
      if (!vite) return error
      broken.set(origin, payload)
      shown.add(payload.err.message)
      attend(vite)
      if (vite.ws.clients.size > 0) vite.ws.send(payload)
      return error
    },
    worked: (origin) => void broken.delete(origin),
  }
}

/** The page that a failed request was for: the one that was opened, or the one that asked for data. */
function pageOf(req: Request): string {
  const { referer = '' } = req.headers
  if (!asksForDocument(req) && URL.canParse(referer)) return new URL(referer).pathname
  return splitSuffix(originalUrl(req))[0]
}

/** A thrown 404 is how some apps answer: nothing is broken. */
function isAnswer({ status, statusCode }: Error & { status?: unknown; statusCode?: unknown }) {
  const code = Number(status ?? statusCode)
  return code >= 400 && code < 500
}

interface ModuleGraph {
  getModulesByFile(file: string): ReadonlySet<unknown> | undefined
}

/** An app's log, written because of the error, is none: it would reload the page again and again. */
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
