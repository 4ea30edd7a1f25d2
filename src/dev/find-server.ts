// Development that is not told where Vite is: a `vite` that announces itself and answers, else one in this process.
import type { DevelopmentSettings } from '../options/types.js'
import type { DevServer } from './dev-server.js'
import { createEmbeddedServer } from './embedded/embedded-server.js'
import { createProxiedServer } from './external/external-server.js'
import { isRunning } from './external/liveness.js'
import { hotUrl, readHotFile } from './hot-file.js'

/** Milliseconds between two looks at the hot file. */
const LOOK_AGAIN = 1_000

/**
 * The hot file is a hint, and the server's answer decides: one left behind by a killed process does no harm.
 * A `vite` that is started later, or again on another port, is picked up while the app runs. One that goes
 * down stays chosen, because its pages are still open: the browser gets a 502 that says what to run.
 */
export function createAnnouncedServer(settings: DevelopmentSettings): DevServer {
  const { root, logger } = settings
  let current: DevServer | undefined
  let announcedAt: string | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<DevServer> | undefined
  let closed = false

  /** Never rejects: what can fail is the start of the server that was chosen. */
  function look(): Promise<DevServer> {
    looking ??= (async () => {
      lookedAt = Date.now()
      const found = await findAnnounced()
      if (found) await change(found.server, found.url)
      current ??= createEmbeddedServer(settings)
      return current
    })().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function findAnnounced(): Promise<{ server: DevServer; url: string } | undefined> {
    const hot = readHotFile(root)
    if (!hot) return undefined
    const { href } = hotUrl(hot)
    if (href === announcedAt || !(await isRunning(hot))) return undefined
    return { server: createProxiedServer(settings, new URL(hot.url), hot), url: href }
  }

  async function change(next: DevServer, url: string): Promise<void> {
    await next.start()
    if (closed) return next.close()
    logger.info(`Using the Vite that runs at ${url}`)
    const before = current
    current = next
    announcedAt = url
    // Open pages lose their socket, ask whether Vite is back, and load again from the new one.
    await before?.close()
  }

  return {
    async start() {
      await (current ?? (await look())).start()
    },
    get started() {
      return current?.started ?? false
    },
    get base() {
      return current?.base ?? '/'
    },
    get head() {
      return current?.head ?? []
    },
    stylesheets: (entry) => current?.stylesheets(entry) ?? [],
    handle(req, res, next) {
      // In the background: this request is answered by what is known now.
      if (Date.now() - lookedAt >= LOOK_AGAIN && !closed) void look()
      if (current) current.handle(req, res, next)
      else next()
    },
    get vite() {
      return current?.vite
    },
    get fetchHtml() {
      return current?.fetchHtml
    },
    get url() {
      return current?.url
    },
    async close() {
      closed = true
      await looking
      await current?.close()
    },
  }
}
