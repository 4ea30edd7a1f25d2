// The Vite inside this process: started on demand, asked for its own URLs alone, with HMR on the app's server.
import { ConnectViteError } from '../../errors.js'
import type { DevelopmentSettings } from '../../options/types.js'
import type { DevServer } from '../dev-server.js'
import { answerPlainly } from '../plain-answer.js'
import { createVite } from './create-vite.js'
import { handOver } from './hand-over.js'
import { unwatched } from './hide-from-watcher.js'
import { createHmrSocket } from './hmr-socket.js'
import { openSession, type Session } from './session.js'

/**
 * Development with Vite in this process: one that is started from `root` at the first request, or the app's
 * own, which stays the app's.
 */
export function createEmbeddedServer(settings: DevelopmentSettings): DevServer {
  const { server: given, paths } = settings.devServer
  const hmr = createHmrSocket(() => vite)
  let vite = given
  let session: Session | undefined
  let starting: Promise<void> | undefined
  let failed = false
  let closed = false

  async function start(): Promise<void> {
    if (closed) throw closedError()
    // One that runs already stays: it may be in the middle of a restart, or wait for its config to be mended.
    const isNew = vite === undefined
    try {
      vite ??= await unwatched(() => createVite(settings, hmr.plugin, failed))
      if (closed) throw closedError()
      session = await openSession(vite, paths)
      failed = false
    } catch (err) {
      failed = true
      session = undefined
      if (isNew) {
        await vite?.close()
        vite = undefined
      }
      throw err
    }
  }

  return {
    start() {
      starting ??= start().finally(() => {
        starting = undefined
      })
      return starting
    },
    /** False again after a restart of Vite (a changed `vite.config`): base and preambles may be others. */
    get started() {
      return session !== undefined && session.config === vite?.config
    },
    get base() {
      return session?.config.base ?? '/'
    },
    get head() {
      return session?.head ?? []
    },
    stylesheets: (entry) => session?.stylesheets.find(entry) ?? [],
    handle(req, res, next) {
      hmr.attach(req)
      if (closed || !vite || !session?.isViteUrl(req)) return next()
      const refusal = session.gate(req)
      if (refusal) answerPlainly(res, refusal)
      else handOver(vite, req, res, next)
    },
    get vite() {
      return vite
    },
    url: undefined,
    async close() {
      closed = true
      hmr.close()
      await starting?.catch(() => {})
      if (!given) await vite?.close()
    },
  }
}

function closedError(): ConnectViteError {
  return new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
    what: 'This middleware was closed, so its Vite does not start any more.',
    remedy: 'Call close() last, or create a new middleware.',
  })
}
