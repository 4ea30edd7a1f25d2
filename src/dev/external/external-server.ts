// The Vite elsewhere: learns what its pages need, forwards what is its own, hands on everything else.

import { ConnectViteError } from '../../errors.js'
import type { Next, Request, Response } from '../../http.js'
import type { DevelopmentSettings } from '../../options/types.js'
import { encodeUrl } from '../../urls.js'
import type { DevServer } from '../dev-server.js'
import { createGate } from '../gate.js'
import type { HotFile } from '../hot-file.js'
import { createUpgradeHub, isHmrUpgrade } from '../upgrade.js'
import { type Answer, ask } from './ask.js'
import { createForeignSession } from './external-session.js'
import { createForwarder } from './forwarder.js'
import { createReachability } from './reachability.js'
import { createUpstream } from './upstream.js'

/** Milliseconds. A page has to wait for the question, and a server that is there answers soon. */
const QUESTION_TIMEOUT = 3_000
/** The first page may have to wait until its dependencies are bundled. */
const PAGE_TIMEOUT = 60_000
const LIMIT = 16 * 1024 * 1024

export interface ProxiedServer extends DevServer {
  /**
   * The HTML that the dev server makes of one of its pages.
   *
   * @param path URL path relative to its base: `index.html`
   * @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE`, `ERR_ENTRY_NOT_FOUND`
   */
  fetchHtml(path: string): Promise<string>
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
  const { proxy, allowedHosts } = devServer
  const upstream = createUpstream(url)
  const reachability = createReachability(url, {
    root,
    logger,
    announced: hot !== undefined,
    onReturn: () => session.forget(),
  })
  const session = createForeignSession({ settings, url, hot, get: (path) => get(path) })
  const gate = createGate({ secure: url.protocol === 'https:', allowedHosts, target: url })
  const forwarder = createForwarder({ gate, upstream, reachability })
  const hub = createUpgradeHub({
    claims: (req) => isHmrUpgrade(req, session.base),
    take: forwarder.upgrade,
  })
  let closed = false

  async function get(
    path: string,
    { accept = '*/*', timeout = QUESTION_TIMEOUT } = {},
  ): Promise<Answer> {
    try {
      const answer = await ask(upstream, { path, accept, timeout, limit: LIMIT, host: url.host })
      reachability.answered()
      return answer
    } catch (cause) {
      throw reachability.failed(cause)
    }
  }

  function handle(req: Request, res: Response, next: Next): void {
    if (closed) {
      next()
      return
    }
    if (proxy) hub.attach(req)
    const rules = proxy ? session.foreignUrl(req) : undefined
    const learning = session.learn()
    // Only a page has tags, and has to wait until they are known.
    if (rules) forwarder.request(req, res, next, rules)
    else if (learning) learning.then(() => next())
    else next()
  }

  return {
    start: async () => session.learn(),
    // From the first moment on there is a guess, and it is better than no tags.
    started: true,
    get base() {
      return proxy ? session.base : url.origin + session.base
    },
    get head() {
      return session.head
    },
    stylesheets(entry) {
      const sheets = session.stylesheets.find(entry)
      return proxy ? sheets : sheets.map((sheet) => ({ ...sheet, url: url.origin + sheet.url }))
    },
    handle,
    vite: undefined,
    url: url.href,
    async fetchHtml(path) {
      const target = session.base + encodeUrl(path.replace(/^\/+/, ''))
      const answer = await get(target, { accept: 'text/html', timeout: PAGE_TIMEOUT })
      if (answer.status === 200 && /^text\/html\b/i.test(answer.contentType)) return answer.body
      throw noSuchPage(url.origin + target, answer, root)
    },
    async close() {
      closed = true
      hub.close()
      upstream.close()
    },
  }
}

function noSuchPage(url: string, { status, contentType }: Answer, root: string): ConnectViteError {
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: 'The Vite dev server does not have this page.',
    lookedIn: url,
    likelyCause: `it answered with status ${status}, ${contentType || 'no type'}`,
    remedy: `Check that the file exists below ${root}, and that this is the server's root too.`,
  })
}
