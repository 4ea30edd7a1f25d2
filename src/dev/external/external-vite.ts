// Everything that is known of an external Vite: whether it answers, its base, its tags and its stylesheets.
import type { ClientRequest } from 'node:http'
import { ConnectViteError } from '../../errors.js'
import type { DevelopmentSettings } from '../../options/types.js'
import type { DevStylesheet } from '../../tags/development-source.js'
import type { Tag } from '../../tags/types.js'
import { baseOf, isRelative } from '../../urls.js'
import { parseHead } from '../head.js'
import type { HotFile } from '../hot-file.js'
import { type Answer, ask } from './ask.js'
import { atOrigin, type ExternalHead, guessedHead, readHead } from './external-head.js'
import { createExternalStylesheets } from './external-stylesheets.js'
import { createImports, type Imports } from './imports.js'
import { createUpstream, type UpstreamRequest } from './upstream.js'

/** Milliseconds. A page has to wait for the answer, and a server that runs answers soon. */
const QUESTION_TIMEOUT = 3_000
/** Milliseconds between two questions to a server that is down. */
const ASK_AGAIN = 1_000
/** Characters of an answer. */
const LIMIT = 16 * 1024 * 1024

const BUNDLING = { true: 'with plugin', false: 'without plugin' } as const

export interface ExternalVite {
  readonly url: URL
  /** Vite's own base, a path, whether pages use it as it is or at the server's origin. */
  readonly base: string
  /** Whether the config has `base: './'`, as far as it is known. */
  readonly hasRelativeBase: boolean
  readonly head: readonly Tag[]
  /** Whether it bundles in memory: with the plugin, which answers for its entries, or without. */
  readonly bundling: 'with plugin' | 'without plugin' | undefined
  /** Files in directories with a dot that its modules import. */
  readonly imports: Imports
  /** Whether the server has been asked once, with or without an answer. */
  readonly wasAsked: boolean
  /** As far as they are known. They are asked for again in the background, for the next page. */
  stylesheets(entry: string): readonly DevStylesheet[]
  /** The stylesheets that these modules reach, once they are known. */
  stylesOf(scripts: readonly string[]): Promise<readonly DevStylesheet[]>
  /**
   * Asks the server for its base and tags, if that is due. A page has to wait for the returned promise, if there
   * is one. Never rejects: a page gets its tags while the server is down, and the browser then gets the reason.
   */
  learn(): Promise<void> | undefined
  /** @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE` */
  ask(path: string, options?: { accept?: string; timeout?: number }): Promise<Answer>
  /** Opens a request of the app's client. The caller reports its end: {@link answered} or {@link failed}. */
  request(request: UpstreamRequest): ClientRequest
  answered(): void
  /** @returns the error for the client. The first one in a row is logged. */
  failed(cause: unknown): ConnectViteError
  /** The server has ended a lasting connection. It may restart with another base or other plugins. */
  hungUp(): void
  close(): void
}

/** @param hot the hot file, where the server was found by it */
export function createExternalVite(
  settings: DevelopmentSettings,
  url: URL,
  hot?: HotFile,
): ExternalVite {
  const { root, logger } = settings
  const { proxy } = settings.devServer
  const upstream = createUpstream(url)
  // In development Vite uses the path of a base that is a full URL, and `/` for a relative one.
  const givenBase = new URL(baseOf(settings.base ?? url.pathname), url.origin).pathname
  const sheets = createExternalStylesheets((path) => vite.ask(current.base + path))

  let current = open(hot ? { ...hot, byPlugin: true } : guessedHead(givenBase, { react: false }))
  let isDown = false
  let isCertain = false
  let wasAsked = false
  let askedAt = Number.NEGATIVE_INFINITY
  let learning: Promise<void> | undefined

  function open({ base, head, bundled, relative = false, byPlugin = false }: ExternalHead) {
    return {
      base,
      relative,
      // The entries of a bundle bring the client and the preambles. What these import is not served by itself.
      head: bundled ? [] : parseHead(proxy ? head : atOrigin({ base, head }, url.origin)),
      bundling: bundled ? BUNDLING[`${byPlugin}`] : undefined,
    }
  }

  async function learnNow(): Promise<void> {
    askedAt = Date.now()
    const found = await readHead(root, vite)
    if (!found) return
    if (found.base !== current.base) sheets.forget()
    current = open(found)
    // Only the plugin has an endpoint for stylesheets.
    if (found.byPlugin && !found.bundled) await sheets.learn()
    isCertain = true
  }

  function forget(): void {
    isCertain = false
    askedAt = Number.NEGATIVE_INFINITY
  }

  const vite: ExternalVite = {
    url,
    get base() {
      return current.base
    },
    get hasRelativeBase() {
      return current.relative || isRelative(baseOf(settings.base ?? '/'))
    },
    imports: createImports(root, (path) => vite.ask(path)),
    get head() {
      return current.head
    },
    get bundling() {
      return current.bundling
    },
    get wasAsked() {
      return wasAsked
    },
    stylesheets(entry) {
      const found = sheets.find(entry)
      return proxy ? found : found.map((sheet) => ({ ...sheet, url: url.origin + sheet.url }))
    },
    async stylesOf(scripts) {
      await sheets.ask(scripts)
      return scripts.flatMap((script) => sheets.find(script))
    },
    learn() {
      const isDue = !isCertain && Date.now() - askedAt >= ASK_AGAIN
      if (isDue && !learning) {
        learning = learnNow().finally(() => {
          learning = undefined
          wasAsked = true
        })
      }
      return learning
    },
    async ask(path, { accept = '*/*', timeout = QUESTION_TIMEOUT } = {}) {
      try {
        const answer = await ask(upstream, { path, accept, timeout, limit: LIMIT, host: url.host })
        vite.answered()
        return answer
      } catch (cause) {
        throw vite.failed(cause)
      }
    },
    request: upstream.request,
    answered() {
      if (!isDown) return
      isDown = false
      logger.info(`The Vite dev server at ${url.href} answers again.`)
      forget()
    },
    failed(cause) {
      const error = unreachable(cause, { url, root, isFound: hot !== undefined })
      if (!isDown) logger.error(error.message)
      isDown = true
      return error
    },
    hungUp: forget,
    close: upstream.close,
  }
  return vite
}

/** Probable causes by Node's error code. */
const CAUSES: Record<string, string | undefined> = {
  __proto__: undefined,
  ECONNREFUSED:
    'nothing listens there: vite was not started, was stopped, or has taken another port',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET:
    'the connection was cut: vite has ended or is restarting, or it serves HTTPS and the URL says http',
  EMFILE: 'this app has as many files and connections open as it may have (ulimit -n)',
  EPROTO: 'the URL says https and vite serves plain HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the URL says https and vite serves plain HTTP',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed, which is accepted on loopback only',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is self-signed, which is accepted on loopback only',
}

function causeOf(cause: unknown): string | undefined {
  const { code, message } = cause as { code?: string; message?: string }
  if (code?.startsWith('HPE_')) return `what listens there does not speak HTTP (${code})`
  return CAUSES[code ?? ''] ?? (code || message)
}

function unreachable(
  cause: unknown,
  { url, root, isFound }: { url: URL; root: string; isFound: boolean },
): ConnectViteError {
  const port = url.port && url.port !== '5173' ? ` --port ${url.port} --strictPort` : ''
  const otherwise = isFound ? 'restart the app' : 'leave the devServer option out'
  return new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
    what: `The Vite dev server at ${url.href} does not answer.`,
    likelyCause: causeOf(cause),
    remedy: `start it with \`npx vite${port}\` in ${root}, or ${otherwise} to have it started inside the app`,
    cause,
  })
}
