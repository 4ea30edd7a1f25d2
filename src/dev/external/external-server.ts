// The steps of a request that may be an external Vite's, and the HMR socket to it.
import { isRead, mountPath, originalUrl } from '../../http.js'
import { asksForDocument } from '../../navigation.js'
import type { DevelopmentSettings } from '../../options/types.js'
import { encodeUrl } from '../../urls.js'
import { INPUTS_ENDPOINT, parseBuildInputs } from '../build-inputs.js'
import { LAZY } from '../bundled-urls.js'
import { type DevServer, inOrder, type Step } from '../dev-server.js'
import { createGate } from '../gate.js'
import { isHidden } from '../hidden-paths.js'
import type { HotFile } from '../hot-file.js'
import { answerPlainly, answerUpgradePlainly } from '../plain-answer.js'
import { createUpgradeHub, isHmrUpgrade, serverOf } from '../upgrade.js'
import { belowBase } from '../vite-urls.js'
import { createExternalBundle } from './external-bundle.js'
import { createExternalUrl } from './external-url.js'
import { createExternalVite } from './external-vite.js'
import { failedPage } from './failed-page.js'
import { forwardRequest } from './forward-request.js'
import { forwardUpgrade } from './forward-upgrade.js'

/** Milliseconds. The first page may have to wait until its dependencies are bundled. */
const PAGE_TIMEOUT = 60_000

export interface ExternalServer extends DevServer {
  /**
   * The HTML that the dev server makes of one of its pages.
   *
   * @param path URL path relative to its base: `index.html`
   * @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE`, `ERR_ENTRY_NOT_FOUND`; or the error that Vite reports
   */
  fetchHtml(path: string): Promise<string>
}

/**
 * @param url where the external Vite is; a path is taken for its base
 * @param hot the hot file, where the server was found by it
 */
export function createExternalServer(
  settings: DevelopmentSettings,
  url: URL,
  hot?: HotFile,
): ExternalServer {
  const { proxy, allowedHosts, paths } = settings.devServer
  const vite = createExternalVite(settings, url, hot)
  const rulesOf = createExternalUrl({
    root: settings.root,
    base: () => vite.base,
    isImported: vite.imports.has,
    paths: [...paths, LAZY],
  })
  const gate = createGate({ secure: url.protocol === 'https:', allowedHosts, target: url })
  const hub = createUpgradeHub({
    claims: (req) => isHmrUpgrade(req, vite.base),
    take(req, socket, head) {
      const refusal = gate(req)
      if (refusal) answerUpgradePlainly(socket, refusal)
      else forwardUpgrade({ req, socket, head, vite })
    },
  })
  let closed = false
  let warned = false

  const listenForUpgrades: Step = (req, _res, next, app) => {
    if (closed) return app()
    if (proxy) hub.attach(serverOf(req))
    next()
  }
  const checkMountPath: Step = (req, _res, next) => {
    const mount = mountPath(req)
    if (mount !== '/' && vite.hasRelativeBase && !warned) {
      warned = true
      settings.logger.warn(
        `base: './' is / in a Vite in another process, which does not know that the middleware is mounted at ${mount}. ` +
          `Start it with \`npx vite --base ${mount}\`.`,
      )
    }
    next()
  }
  /** A dotfile is Vite's only if a module imports it, and a browser may have that module in its cache. */
  const readCachedModules: Step = (req, _res, next) => {
    const [path = ''] = originalUrl(req).split('?', 1)
    const below = belowBase(path, vite.base)
    const mayBeImported = below !== undefined && !asksForDocument(req) && isRead(req)
    if (!proxy || !mayBeImported || !isHidden(below, settings.root) || gate(req)) return next()
    if (vite.imports.has(path)) next()
    else vite.imports.readCached().then(() => next())
  }
  const leaveToApp: Step = (req, _res, next, app) => {
    const learning = vite.learn()
    const rules = proxy ? rulesOf(req) : undefined
    const go = rules ? next : app
    // Only a page has tags, and waits until they are known.
    if (learning && (!rules || rules.orPage)) learning.then(() => go())
    else go()
  }
  const refuse: Step = (req, res, next) => {
    const refusal = gate(req)
    if (refusal) answerPlainly(res, refusal)
    else next()
  }
  const forward: Step = (req, res, _next, app) => {
    const rules = rulesOf(req)
    if (rules) forwardRequest({ req, res, next: app, rules, vite })
    else app()
  }

  return {
    start: async () => vite.learn(),
    // There is a guess from the first moment on, and it is better than no tags.
    started: true,
    get isReady() {
      return vite.wasAsked
    },
    get base() {
      return proxy ? vite.base : url.origin + vite.base
    },
    get head() {
      return vite.head
    },
    stylesheets: vite.stylesheets,
    stylesOf: vite.stylesOf,
    get bundle() {
      if (!vite.bundling) return undefined
      return createExternalBundle(vite, proxy ? vite.base : url.origin + vite.base)
    },
    async buildInputs() {
      const { status, contentType, body } = await vite.ask(vite.base + INPUTS_ENDPOINT)
      const isAnswer = status === 200 && contentType.startsWith('application/json')
      return isAnswer ? parseBuildInputs(body) : undefined
    },
    handle: inOrder([
      listenForUpgrades,
      checkMountPath,
      readCachedModules,
      leaveToApp,
      refuse,
      forward,
    ]),
    vite: undefined,
    url: url.href,
    attach: (server) => proxy && hub.attach(server),
    async fetchHtml(path) {
      const target = vite.base + encodeUrl(path.replace(/^\/+/, ''))
      const answer = await vite.ask(target, { accept: 'text/html', timeout: PAGE_TIMEOUT })
      if (answer.status === 200 && /^text\/html\b/i.test(answer.contentType)) return answer.body
      throw failedPage(url.origin + target, answer, settings.root)
    },
    async close() {
      closed = true
      hub.close()
      vite.close()
    },
  }
}
