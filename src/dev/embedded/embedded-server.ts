// The Vite inside this process: its life, and the steps of a request that may be Vite's.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectViteError } from '../../errors.js'
import { mountPath, type Next, type Request, type Response } from '../../http.js'
import { asksForDocument, isNavigation } from '../../navigation.js'
import type { DevelopmentSettings } from '../../options/types.js'
import { type DevServer, inOrder, type Step } from '../dev-server.js'
import { createHostRule } from '../gate.js'
import { answerPlainly } from '../plain-answer.js'
import { serverOf } from '../upgrade.js'
import { createWaitingPage } from '../waiting-page.js'
import { createVite } from './create-vite.js'
import { handOver } from './hand-over.js'
import { createHmrSocket } from './hmr-socket.js'
import { holdNotFound } from './hold-not-found.js'
import { createMountedBase } from './mounted-base.js'
import { openSession, type Session } from './session.js'
import { unheededConfig } from './unheeded-config.js'

/** Milliseconds that a page waits for the styles of its modules. */
const PATIENCE = 3_000

/** Starts a Vite from `root` when the app begins to listen or at the first request, or uses the app's own, which stays the app's. */
export function createEmbeddedServer(settings: DevelopmentSettings): DevServer {
  const { server: given, paths } = settings.devServer
  const hmr = createHmrSocket(() => vite)
  const mountedBase = createMountedBase(settings.logger)
  const waitingPage = createWaitingPage(settings.logger)
  const refuseHost = createHostRule(settings.devServer.allowedHosts)
  const warned = new Set<string>()
  let vite = given
  let session: Session | undefined
  let starting: Promise<void> | undefined
  let failed = false
  let closed = false

  async function startNow(): Promise<void> {
    if (closed) throw closedError()
    // A running one stays: it may be in the middle of a restart, or wait until its config is fixed.
    const isNew = vite === undefined
    try {
      vite ??= await createVite(settings, [hmr.plugin, mountedBase.plugin], failed)
      if (closed) throw closedError()
      if (mountedBase.isStale()) {
        await vite.restart()
        mountedBase.restarted()
      }
      session = await openSession(vite, paths)
      warnOnce(unheededConfig(session.config))
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

  /** Again after a restart of Vite only where it is news. */
  function warnOnce(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (!warned.has(warning)) settings.logger.warn(warning)
      warned.add(warning)
    }
  }

  function start(): Promise<void> {
    starting ??= startNow().finally(() => {
      starting = undefined
    })
    return starting
  }

  /** False again after a restart of Vite (a changed `vite.config`): base and preambles may be others. */
  const isStarted = () =>
    session !== undefined && session.config === vite?.config && !mountedBase.isStale()

  const listenForUpgrades: Step = (req, _res, next, app) => {
    if (closed) return app()
    hmr.attach(serverOf(req))
    next()
  }
  const noteMountPath: Step = (req, _res, next) => {
    mountedBase.meet(mountPath(req))
    next()
  }
  const answerWaitingPage: Step = (req, res, next) => {
    if (!waitingPage.asks(req)) return next()
    const refusal = refuseHost(req)
    if (refusal) answerPlainly(res, refusal)
    else waitingPage.answer(res, start())
  }
  const waitForStart: Step = (req, res, next, app) => {
    if (isStarted()) return next()
    start().then(
      // A start that was under way did not know the mount path of this request.
      () => waitForStart(req, res, next, app),
      (error: Error) => {
        // The reason names files of this machine, and the app's error page would print it as well.
        const refusal = refuseHost(req)
        if (refusal) answerPlainly(res, refusal)
        else if (!waitingPage.show(error, req, res)) app(error)
      },
    )
  }
  /** Only what may print tags waits. Scripts of a page that ask the app for data do not. */
  const waitForBundle: Step = (req, _res, next) => {
    const bundle = session?.bundle
    const mayPrint = bundle && (asksForDocument(req) || isNavigation(req))
    if (mayPrint && !session?.urls.isVites(req)) bundle.settle().then(() => next())
    else next()
  }
  const leaveToApp: Step = (req, res, next, app) => {
    if (closed || !vite || !session) return app()
    if (session.urls.isVites(req)) return next()
    // What no route of the app has answered can still be a file of a plugin's middleware.
    const { config, urls, appGate } = session
    if (config.appType === 'custom' && urls.mayBePlugins(req) && !appGate(req))
      holdNotFound(res, (decline) => askPlugins(req, res, decline))
    app()
  }
  const refuse: Step = (req, res, next) => {
    const refusal = session?.gate(req)
    if (refusal) answerPlainly(res, refusal)
    else next()
  }
  const askVite: Step = (req, res, _next, app) => {
    if (vite) handOver(vite, req, res, app)
    else app()
  }

  /** Without the header by which Vite takes a file of any name for a module, existing or not. */
  function askPlugins(req: Request, res: Response, decline: Next): void {
    const { 'sec-fetch-dest': destination } = req.headers
    delete req.headers['sec-fetch-dest']
    const giveUp = () => {
      if (destination !== undefined) req.headers['sec-fetch-dest'] = destination
      decline()
    }
    if (vite && !closed) handOver(vite, req, res, giveUp)
    else giveUp()
  }

  return {
    start,
    get started() {
      return isStarted()
    },
    get isReady() {
      return session !== undefined
    },
    get base() {
      return session?.config.base ?? '/'
    },
    get head() {
      return session?.head ?? []
    },
    stylesheets: (entry) => session?.stylesheets?.find(entry) ?? [],
    async stylesOf(scripts) {
      const { stylesheets } = session ?? {}
      await Promise.race([stylesheets?.warm(scripts), sleep(PATIENCE, undefined, { ref: false })])
      return scripts.flatMap((script) => stylesheets?.find(script) ?? [])
    },
    get bundle() {
      return session?.bundle
    },
    handle: inOrder([
      listenForUpgrades,
      noteMountPath,
      answerWaitingPage,
      waitForStart,
      waitForBundle,
      leaveToApp,
      refuse,
      askVite,
    ]),
    get vite() {
      return vite
    },
    url: undefined,
    attach: hmr.attach,
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
    what: 'This middleware was closed, so it does not start Vite any more.',
    remedy: 'Call close() last, or create a new middleware.',
  })
}
