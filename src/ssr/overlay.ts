// Errors in development: their stack points at source lines, and open pages show them in Vite's overlay.
import { stripVTControlCharacters } from 'node:util'
import type { ErrorPayload, ViteDevServer } from 'vite'
import type { Failures } from './host.js'

/** What plugins and bundlers add to an error. */
interface ModuleError extends Error {
  id?: string
  frame?: string
  plugin?: string
  pluginCode?: string
  loc?: { file?: string; line: number; column: number }
}

/**
 * Vite keeps an error for a client that connects later, but would show it after it was mended, too. So what
 * is broken is remembered here, and told to those who connect while it is.
 */
export function createOverlay(getVite: () => ViteDevServer | undefined): Failures {
  const broken = new Map<string, ErrorPayload>()
  const watched = new WeakSet<object>()

  function tellNewClients({ ws }: ViteDevServer): void {
    if (watched.has(ws)) return
    watched.add(ws)
    ws.on('connection', (socket) => {
      const last = [...broken.values()].at(-1)
      if (last) socket.send(JSON.stringify(last))
    })
  }

  return {
    failed(origin, error) {
      const vite = getVite()
      if (!vite) return error
      if (!isMapped(vite) && Object.hasOwn(error, 'stack')) vite.ssrFixStacktrace(error)
      const payload = payloadOf(error)
      broken.set(origin, payload)
      tellNewClients(vite)
      if (vite.ws.clients.size > 0) vite.ws.send(payload)
      return error
    },
    worked: (origin) => void broken.delete(origin),
  }
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

function payloadOf(error: ModuleError): ErrorPayload {
  const { message, stack, id, frame, plugin, pluginCode, loc } = error
  const clean = (text = '') => stripVTControlCharacters(text)
  return {
    type: 'error',
    err: {
      message: clean(message),
      stack: clean(stack),
      ...(frame ? { frame: clean(frame) } : {}),
      ...(id ? { id } : {}),
      ...(plugin ? { plugin } : {}),
      ...(typeof pluginCode === 'string' ? { pluginCode } : {}),
      ...(loc ? { loc } : {}),
    },
  }
}
