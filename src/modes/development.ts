// Development mode: a Vite answers, in this process or in another one, and the page's tags come from it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildInputsOf } from '../dev/build-inputs.js'
import { inOrder, type Step } from '../dev/dev-server.js'
import { recoverErrorPage } from '../dev/error-page.js'
import { createDevServer } from '../dev/find-server.js'
import { createUnbuiltFiles } from '../dev/unbuilt-files.js'
import { isRead, mountPath } from '../http.js'
import { configuredInputs } from '../inputs.js'
import { asksForDocument, loadsDocument } from '../navigation.js'
import type { DevelopmentSettings } from '../options/types.js'
import { createDevelopmentHost } from '../ssr/development/source-host.js'
import { createDevelopmentTagSource } from '../tags/development-source.js'
import { nonceBy } from '../tags/nonce.js'
import { baseAt, baseOf } from '../urls.js'
import { infoWithoutBuild, type Mode } from './mode.js'

/** In the header that a page's scripts can read, see `plugin/client/patch.ts`. */
const FORM_MARK = 'connect-vite-form'

export function createDevelopmentMode(settings: DevelopmentSettings): Mode {
  const dev = createDevServer(settings)
  const nonce = nonceBy(settings)
  // Before Vite has started, its base is not known: the option counts, or the usual one.
  const base = () => (dev.started ? dev.base : baseOf(settings.base ?? '/'))

  const unbuilt = createUnbuiltFiles(settings.root, settings.logger, async () =>
    dev.vite ? buildInputsOf(dev.vite.config) : dev.buildInputs?.(),
  )

  const recoverError: Step = (req, res, next) => {
    if (loadsDocument(req)) {
      recoverErrorPage(res, {
        clientUrl: () => `${baseAt(base(), mountPath(req))}@vite/client`,
        nonce: () => nonce(req, res),
      })
    }
    next()
  }

  /** A page that a form was sent for cannot be fetched again, and no script of the page can tell. */
  const markForms: Step = (req, res, next) => {
    if (!isRead(req) && asksForDocument(req)) {
      const others = res.getHeader('Server-Timing')
      res.setHeader('Server-Timing', [others ?? [], FORM_MARK].flat().map(String))
    }
    next()
  }

  return {
    handle: inOrder([dev.handle, markForms, recoverError]),
    tags: createDevelopmentTagSource(
      {
        stable: false,
        base,
        head: () => dev.head,
        stylesheets: (entry) => dev.stylesheets(entry),
        bundle: () => dev.bundle,
        isInput: (entry) =>
          dev.vite !== undefined && configuredInputs(dev.vite.config).includes(entry),
        noteUse: (kind, path) => unbuilt[kind](path),
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
      return dev.isReady
    },
    ready: () => dev.start(),
    // There is no build to read again: Vite sees every change by itself.
    reload: async () => {},
    listening(server) {
      dev.attach(server)
      // The first request starts it again and shows the reason. An external one is asked when there is a page.
      if (!settings.devServer.url) dev.start().catch(() => {})
    },
    close: () => dev.close(),
    get server() {
      return dev.vite
    },
    info: () =>
      infoWithoutBuild({
        mode: 'development',
        base: base(),
        root: settings.root,
        devServer: dev.url,
      }),
  }
}
