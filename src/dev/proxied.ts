// The Vite elsewhere: learns what its pages need, forwards what is its own, hands on everything else.
import type { IncomingMessage } from 'node:http'
import { ConnectViteError } from '../errors.js'
import type { Next, Request, Response } from '../http.js'
import type { DevelopmentSettings } from '../options/types.js'
import { baseOf } from '../tags/base.js'
import type { Tag } from '../tags/types.js'
import { ask } from './ask.js'
import type { DevServer } from './dev-server.js'
import { announcedHead, atOrigin, type ForeignHead, guessedHead } from './foreign-head.js'
import { createForeignUrl } from './foreign-url.js'
import { createForwarder } from './forwarder.js'
import { createGate } from './gate.js'
import { parseHead } from './head.js'
import type { HotFile } from './hot-file.js'
import { createReachability } from './reachability.js'
import { createUpgradeHub } from './upgrade.js'
import { createUpstream } from './upstream.js'

/** A server that is down is asked again at most this often (milliseconds). */
const ASK_AGAIN = 1_000
const PROBE_TIMEOUT = 3_000
/** The first page may have to wait for its dependencies to be bundled. */
const PAGE_TIMEOUT = 60_000
const PAGE_LIMIT = 16 * 1024 * 1024

const SUBPROTOCOLS = new Set<unknown>(['vite-hmr', 'vite-ping'])

export interface ProxiedServer extends DevServer {
  fetchHtml(path: string): Promise<string>
}

/** All that follows from what the dev server says of itself. */
interface Session extends ForeignHead {
  readonly tags: readonly Tag[]
  readonly foreignUrl: ReturnType<typeof createForeignUrl>
  /** The server was asked and has answered. Otherwise this is a guess, for pages that are made meanwhile. */
  readonly certain: boolean
}

/**
 * Development with a Vite that runs on its own.
 *
 * @param url where it is; a path is taken for its base
 * @param hot what the hot file says, where that is how the server was found
 */
export function createProxiedServer(
  settings: DevelopmentSettings,
  url: URL,
  hot?: HotFile,
): ProxiedServer {
  const { root, logger, devServer } = settings
  const { proxy, paths, allowedHosts } = devServer
  const upstream = createUpstream(url)
  const reachability = createReachability(url, { root, logger, onUp: forget })
  const gate = createGate(url, allowedHosts)
  const forwarder = createForwarder({ gate, upstream, reachability })
  const hub = createUpgradeHub({ claims: isHmr, take: forwarder.upgrade })

  // In development Vite uses the path of a base that is a full URL, and `/` for a relative one.
  const givenBase = new URL(baseOf(settings.base ?? url.pathname), url.origin).pathname
  let session = open(hot ?? guessedHead(givenBase, { react: false }), hot !== undefined)
  let learning: Promise<void> | undefined
  let started = session.certain
  let askedAt = Number.NEGATIVE_INFINITY
  let closed = false

  function open({ base, head }: ForeignHead, certain: boolean): Session {
    const tags = parseHead(proxy ? head : atOrigin({ base, head }, url.origin))
    return { base, head, tags, foreignUrl: createForeignUrl(base, paths), certain }
  }

  /** It was away, and may have come back with other plugins or another base. */
  function forget(): void {
    session = { ...session, certain: false }
    askedAt = Number.NEGATIVE_INFINITY
  }

  /** Never rejects: a server that is down is no reason to print no tags. The browser is told what is missing. */
  function learn(): Promise<void> {
    learning ??= (async () => {
      askedAt = Date.now()
      const found = (await announcedHead(root, url)) ?? (await probedHead())
      if (found) session = open(found, true)
      started = true
    })().finally(() => {
      learning = undefined
    })
    return learning
  }

  /** Without the plugin only the type tells: for what it does not know, Vite answers its `index.html`. */
  async function probedHead(): Promise<ForeignHead | undefined> {
    const { base } = session
    const question = { path: `${base}@react-refresh`, accept: '*/*', timeout: PROBE_TIMEOUT }
    try {
      const { status, contentType } = await ask(upstream, { ...question, host: url.host })
      reachability.answered()
      return guessedHead(base, { react: status === 200 && /javascript/i.test(contentType) })
    } catch (cause) {
      reachability.failed(cause)
      return undefined
    }
  }

  /** Vite's own rule: the exact base, and one of its two subprotocols. */
  function isHmr({ url: target = '', headers }: IncomingMessage): boolean {
    const [path] = target.split('?', 1)
    return path === session.base && SUBPROTOCOLS.has(headers['sec-websocket-protocol'])
  }

  function handle(req: Request, res: Response, next: Next): void {
    if (session.certain || closed || Date.now() - askedAt < ASK_AGAIN) route(req, res, next)
    else learn().then(() => route(req, res, next))
  }

  function route(req: Request, res: Response, next: Next): void {
    const forwards = proxy && !closed
    if (forwards) hub.attach(req)
    const rules = forwards ? session.foreignUrl(req) : undefined
    if (rules) forwarder.request(req, res, next, rules)
    else next()
  }

  async function fetchHtml(path: string): Promise<string> {
    const target = session.base + encodeURI(path.replace(/^\/+/, ''))
    const question = { path: target, accept: 'text/html', host: url.host, timeout: PAGE_TIMEOUT }
    const answer = await ask(upstream, { ...question, limit: PAGE_LIMIT }).catch((cause) => {
      throw reachability.failed(cause)
    })
    reachability.answered()
    if (answer.status === 200 && /^text\/html\b/i.test(answer.contentType)) return answer.body
    throw new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
      what: `The Vite dev server has no page ${JSON.stringify(path)}.`,
      lookedIn: url.origin + target,
      likelyCause: `it answered with status ${answer.status}, ${answer.contentType || 'no type'}`,
      remedy: `check that the file exists below ${root}, and that this is the server's root`,
      status: 500,
      expose: false,
    })
  }

  return {
    start: () => (session.certain ? Promise.resolve() : learn()),
    get started() {
      return started
    },
    get base() {
      return proxy ? session.base : url.origin + session.base
    },
    get head() {
      return session.tags
    },
    // Only Vite's module graph knows them. A page of a Vite elsewhere is styled when its modules have run.
    stylesheets: () => [],
    handle,
    vite: undefined,
    url: url.href,
    fetchHtml,
    async close() {
      closed = true
      hub.close()
      upstream.close()
    },
  }
}
