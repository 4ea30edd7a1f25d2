// Development mode: a Vite answers, in this process or in another one, and the page's tags come from it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createDevServer } from '../dev/choose-server.js'
import { recoverErrorPage } from '../dev/error-page.js'
import { answerWaiting, canWait, isWaiting, sendWaitingPage } from '../dev/waiting-page.js'
import { mountPath, type Next, type Request, type Response } from '../http.js'
import type { DevelopmentSettings } from '../options/types.js'
import { createDevelopmentHost } from '../ssr/development/source-host.js'
import { createDevelopmentTagSource } from '../tags/development-source.js'
import { nonceBy } from '../tags/nonce.js'
import { baseAt, baseOf } from '../urls.js'
import type { Info, Mode } from './mode.js'

export function createDevelopmentMode(settings: DevelopmentSettings): Mode {
  const dev = createDevServer(settings)
  const nonce = nonceBy(settings)
  // Before Vite has started, its base is not known: what the option says, or the usual one.
  const base = () => (dev.started ? dev.base : baseOf(settings.base ?? '/'))

  let reported: string | undefined
  let isReady = false

  async function start(): Promise<void> {
    await dev.start()
    isReady = true
  }

  function handle(req: Request, res: Response, next: Next): void {
    if (isWaiting(req)) {
      start().then(
        () => answerWaiting(res),
        (error) => answerWaiting(res, error),
      )
    } else if (dev.started) pass(req, res, next)
    else {
      start().then(
        () => pass(req, res, next),
        (error) => fail(error, req, res, next),
      )
    }
  }

  /** What reaches the app has waited until the page's tags are known, from an external Vite too. */
  function pass(req: Request, res: Response, next: Next): void {
    dev.handle(req, res, (error) => {
      isReady = true
      if (canWait(req)) {
        recoverErrorPage(res, {
          clientUrl: () => `${baseAt(base(), mountPath(req))}@vite/client`,
          nonce: () => nonce(req, res),
        })
      }
      next(error)
    })
  }

  /** A browser gets our waiting page, because the app's error page could not know when to reload. */
  function fail(error: Error, req: Request, res: Response, next: Next): void {
    if (canWait(req)) {
      if (reported !== error.message) settings.logger.error(error.message)
      reported = error.message
      sendWaitingPage(res, error)
    } else next(error)
  }

  return {
    handle,
    tags: createDevelopmentTagSource(
      {
        stable: false,
        base,
        head: () => dev.head,
        stylesheets: (entry) => dev.stylesheets(entry),
        exists: (entry) => existsSync(join(settings.root, entry)),
      },
      settings,
    ),
    ssr: createDevelopmentHost({
      dev,
      root: settings.root,
      logger: settings.logger,
      nonce,
    }),
    get isReady() {
      return isReady
    },
    ready: start,
    // There is no build to read again: Vite sees every change by itself.
    reload: async () => {},
    close: () => dev.close(),
    get server() {
      return dev.vite
    },
    info: (): Info => ({
      mode: 'development',
      base: base(),
      root: settings.root,
      outDir: undefined,
      manifest: undefined,
      entries: [],
      files: 0,
      bytesCached: 0,
      bytesSaved: 0,
      devServer: dev.url,
    }),
  }
}
