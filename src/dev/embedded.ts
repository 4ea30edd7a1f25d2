// The Vite inside this process: started on demand, asked for its own URLs alone, with HMR on the app's server.
import { isAbsolute, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'
import { ConnectViteError } from '../errors.js'
import { type Next, originalUrl, type Request, type Response } from '../http.js'
import type { DevelopmentSettings } from '../options/types.js'
import type { Tag } from '../tags/types.js'
import { clientModule, clientOf } from './client.js'
import { createVite } from './create-vite.js'
import type { DevServer } from './dev-server.js'
import { parseHead } from './head.js'
import { createHmrSocket } from './hmr-socket.js'
import { answerModuleErrors } from './module-errors.js'
import { createOwnUrl } from './own-url.js'
import { createStylesheetFinder, type StylesheetFinder } from './stylesheets.js'

/** Milliseconds that the first page waits for the styles of the entries that the config names. */
const WARM_UP = 3000

/** What is known of a Vite until it restarts with a new config. */
interface Session {
  readonly config: ViteDevServer['config']
  readonly head: readonly Tag[]
  readonly isViteUrl: (req: Request) => boolean
  /** Nothing where the client would not adopt the links (before Vite 7.1.10): the styles came twice. */
  readonly stylesheets: StylesheetFinder | undefined
}

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
  let closed = false

  async function start(): Promise<void> {
    if (closed) throw closedError()
    vite ??= await createVite(settings, hmr.plugin)
    try {
      if (closed) throw closedError()
      session = await openSession(vite, paths)
    } catch (err) {
      session = undefined
      if (!given) {
        await vite.close()
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
    stylesheets: (entry) => session?.stylesheets?.find(entry) ?? [],
    handle(req, res, next) {
      hmr.attach(req)
      if (vite && session?.isViteUrl(req)) handOver(vite, req, res, next)
      else next()
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

/** Learns all that pages and requests need to know of this Vite, as it is configured now. */
async function openSession(
  vite: ViteDevServer,
  paths: ReadonlyArray<string | RegExp>,
): Promise<Session> {
  refuseBundledDev(vite)
  answerModuleErrors(vite)
  const { config } = vite
  const head = parseHead(await vite.transformIndexHtml('/', ''))
  const stylesheets = (await adoptsLinks(vite)) ? createStylesheetFinder(vite) : undefined
  await Promise.race([stylesheets?.warm(inputs(config)), sleep(WARM_UP, undefined, { ref: false })])
  const isViteUrl = createOwnUrl({
    base: config.base,
    root: config.root,
    publicDir: config.publicDir,
    cacheDir: config.cacheDir,
    extensions: config.resolve.extensions,
    paths,
    inGraph: (url) => clientModule(vite, url) !== undefined,
  })
  return { config, head, isViteUrl, stylesheets }
}

/**
 * Gives a request to Vite under its original URL, and to the app again, untouched, when Vite has no answer:
 * Vite takes its base off `req.url` and may have set headers.
 */
function handOver(vite: ViteDevServer, req: Request, res: Response, next: Next): void {
  const { url } = req
  const hadOriginalUrl = 'originalUrl' in req
  const headers = res.getHeaders()
  req.url = originalUrl(req)
  vite.middlewares(req, res, (err?: unknown) => {
    if (res.headersSent) return
    req.url = url
    if (!hadOriginalUrl) delete req.originalUrl
    for (const name of res.getHeaderNames()) {
      const before = headers[name]
      if (before === undefined) res.removeHeader(name)
      else res.setHeader(name, before)
    }
    next(err)
  })
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
    status: 500,
    expose: false,
  })
}

/** Since 7.1.10 Vite's client takes over linked stylesheets; an older one would put every style in twice. */
export async function adoptsLinks(vite: ViteDevServer): Promise<boolean> {
  const client = await clientOf(vite)
    .transformRequest('/@vite/client')
    .catch(() => null)
  return client?.code.includes('link[rel=\\"stylesheet\\"][data-vite-dev-id]') ?? false
}

type Input = NonNullable<ViteDevServer['config']['build']['rolldownOptions']>['input']

/** The browser's entries, as far as the config names them. */
export function inputs(config: ViteDevServer['config']): string[] {
  const { root, build, input } = config as typeof config & { input?: Input }
  const given = input ?? build.rolldownOptions?.input ?? build.rollupOptions?.input ?? []
  const files = typeof given === 'string' ? [given] : Object.values(given)
  return files
    .filter((file) => !/\.html?$/.test(file))
    .map((file) => (isAbsolute(file) ? relative(root, file) : file))
}

function closedError(): ConnectViteError {
  return new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
    what: 'This middleware was closed, so its Vite does not start any more.',
    remedy: 'Call close() last, or create a new middleware.',
    status: 503,
    expose: false,
  })
}
