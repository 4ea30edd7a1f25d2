// What pages and requests need to know of a Vite, learnt once after each start and restart.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'
import { ConnectViteError } from '../../errors.js'
import type { Request } from '../../http.js'
import { configuredEntries } from '../../inputs.js'
import type { Tag } from '../../tags/types.js'
import { clientModule, clientOf } from '../client-environment.js'
import { createGate, type Gate } from '../gate.js'
import { parseHead } from '../head.js'
import { createStylesheetFinder, type StylesheetFinder } from '../stylesheets.js'
import { answerModuleErrors } from './module-errors.js'
import { createOwnUrl } from './vite-url.js'

/** Milliseconds that the first page waits for the styles of the entries that the config names. */
const WARM_UP = 3000

/** What is known of a Vite until it restarts with a new config. */
export interface Session {
  readonly config: ViteDevServer['config']
  readonly head: readonly Tag[]
  readonly isViteUrl: (req: Request) => boolean
  readonly gate: Gate
  readonly stylesheets: StylesheetFinder
}

/** Learns all that pages and requests need to know of this Vite, as it is configured now. */
export async function openSession(
  vite: ViteDevServer,
  paths: ReadonlyArray<string | RegExp>,
): Promise<Session> {
  refuseBundledDev(vite)
  answerModuleErrors(vite)
  const { config } = vite
  const client = clientOf(vite)
  const head = parseHead(await vite.transformIndexHtml('/', ''))
  const stylesheets = createStylesheetFinder(vite)
  await Promise.race([
    stylesheets.warm(configuredEntries(config)),
    sleep(WARM_UP, undefined, { ref: false }),
  ])
  const isViteUrl = createOwnUrl({
    base: config.base,
    root: config.root,
    publicDir: config.publicDir,
    cacheDir: config.cacheDir,
    extensions: config.resolve.extensions,
    paths,
    inGraph: (url) => clientModule(client, url) !== undefined,
  })
  const { https, allowedHosts = [] } = config.server
  const gate = createGate({ secure: Boolean(https), allowedHosts })
  return { config, head, isViteUrl, gate, stylesheets }
}

/** Bundled development keeps its modules in memory under names that no backend can know. */
function refuseBundledDev({ config }: ViteDevServer): void {
  const { experimental } = config as { experimental?: { bundledDev?: unknown } }
  if (!experimental?.bundledDev) return
  throw new ConnectViteError('ERR_UNSUPPORTED', {
    what: 'experimental.bundledDev does not work behind a backend.',
    lookedIn: config.configFile,
    likelyCause:
      'In this mode Vite serves no module under its source path, and writes no manifest of what it serves instead.',
    remedy:
      'Remove experimental.bundledDev from vite.config, or set devServer.config.experimental.bundledDev to false.',
  })
}
