// Everything that pages and requests need to know of the embedded Vite, read after each start and restart.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'
import { configuredEntries } from '../../inputs.js'
import type { Tag } from '../../tags/types.js'
import { type Bundle, openBundle } from '../bundled-development.js'
import { LAZY } from '../bundled-urls.js'
import { clientModule, clientOf } from '../client-environment.js'
import { createGate, type Gate } from '../gate.js'
import { parseHead } from '../head.js'
import { createStylesheetFinder, type StylesheetFinder } from '../stylesheets.js'
import { isAssetPath } from '../vite-urls.js'
import { createEmbeddedUrls, type EmbeddedUrls } from './embedded-url.js'
import { answerModuleErrors } from './module-errors.js'

/** Milliseconds that the first page waits for the styles of the entries that the config names. */
const WARM_UP = 3000

/** Valid until Vite restarts with a new config. */
export interface Session {
  readonly config: ViteDevServer['config']
  readonly head: readonly Tag[]
  readonly urls: EmbeddedUrls
  readonly gate: Gate
  /** None in bundled development, where the bundle has them. */
  readonly stylesheets: StylesheetFinder | undefined
  readonly bundle: Bundle | undefined
  /** For requests that the app answers where it refuses: Vite must not be seen there. */
  readonly appGate: Gate
}

export async function openSession(
  vite: ViteDevServer,
  paths: ReadonlyArray<string | RegExp>,
): Promise<Session> {
  const { config } = vite
  const bundle = openBundle(vite)
  const { head, stylesheets, isKnown } = bundle
    ? await openBundled(bundle)
    : await openModules(vite)
  const urls = createEmbeddedUrls({
    base: config.base,
    root: config.root,
    publicDir: config.publicDir,
    cacheDir: config.cacheDir,
    extensions: config.resolve.extensions,
    paths: bundle ? [...paths, LAZY] : paths,
    inGraph: isKnown,
    isAsset: (path) => isAssetPath(config, path),
  })
  const { https, allowedHosts = [] } = config.server
  const gate = createGate({ secure: Boolean(https), allowedHosts })
  const appGate = createGate({ secure: true, allowedHosts })
  return { config, head, urls, gate, appGate, stylesheets, bundle }
}

async function openModules(vite: ViteDevServer) {
  answerModuleErrors(vite)
  const client = clientOf(vite)
  const head = parseHead(await vite.transformIndexHtml('/', ''))
  const stylesheets = createStylesheetFinder(vite)
  await Promise.race([
    stylesheets.warm(configuredEntries(vite.config)),
    sleep(WARM_UP, undefined, { ref: false }),
  ])
  const isKnown = (url: string) => clientModule(client, url) !== undefined
  return { head, stylesheets, isKnown }
}

async function openBundled(bundle: Bundle) {
  await bundle.settle()
  const isKnown = (url: string) => bundle.has(url.replace(/^\/|\?.*$/gs, ''))
  return { head: [], stylesheets: undefined, isKnown }
}
