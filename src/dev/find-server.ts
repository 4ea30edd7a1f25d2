// Choice of the Vite in development: named by an option, running and found by its hot file, or embedded.
import type { Server } from 'node:http'
import type { DevelopmentSettings } from '../options/types.js'
import { type DevServer, inOrder, type Step } from './dev-server.js'
import { createEmbeddedServer } from './embedded/embedded-server.js'
import { isRunning } from './external/ask.js'
import { createExternalServer } from './external/external-server.js'
import { hotUrl, readHotFile } from './hot-file.js'

/** Milliseconds between two looks at the hot file. */
const LOOK_AGAIN = 1_000

export function createDevServer(settings: DevelopmentSettings): DevServer {
  const { server, url } = settings.devServer
  if (url) return createExternalServer(settings, url)
  if (server) return createEmbeddedServer(settings)
  return createFoundServer(settings)
}

/**
 * The hot file is a hint, and the server's answer decides: a file that a killed process left does no harm.
 * A `vite` that starts later, or again on another port, is found while the app runs. One that goes down stays
 * chosen, because its pages are still open: the browser gets a 502 with the command to run.
 */
function createFoundServer(settings: DevelopmentSettings): DevServer {
  const { root, logger } = settings
  let current: DevServer | undefined
  let hotAt: string | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<DevServer> | undefined
  let closed = false
  let listening: Server | undefined

  function use(server: DevServer): void {
    current = server
    if (listening) server.attach(listening)
  }

  /** Never rejects. Only the start of the chosen server can fail. */
  function look(): Promise<DevServer> {
    looking ??= (async () => {
      lookedAt = Date.now()
      const found = await findRunning()
      if (found) await change(found.server, found.url)
      if (!current) use(createEmbeddedServer(settings))
      return current as DevServer
    })().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function findRunning(): Promise<{ server: DevServer; url: string } | undefined> {
    const hot = readHotFile(root)
    if (!hot) return undefined
    const { href } = hotUrl(hot)
    if (href === hotAt || !(await isRunning(hot))) return undefined
    return { server: createExternalServer(settings, new URL(hot.url), hot), url: href }
  }

  async function change(next: DevServer, url: string): Promise<void> {
    await next.start()
    if (closed) return next.close()
    logger.info(`Using the Vite that runs at ${url}`)
    const before = current
    use(next)
    hotAt = url
    // Open pages lose their socket, ask whether Vite is back, and load again from the new one.
    await before?.close()
  }

  const lookForHotFile: Step = (_req, _res, next) => {
    if (!current && !closed) return void look().then(() => next())
    // In the background: this request is answered by what is known now.
    if (Date.now() - lookedAt >= LOOK_AGAIN && !closed) void look()
    next()
  }
  const askCurrent: Step = (req, res, next) => {
    if (current) current.handle(req, res, next)
    else next()
  }

  return {
    async start() {
      await (current ?? (await look())).start()
    },
    get started() {
      return current?.started ?? false
    },
    get isReady() {
      return current?.isReady ?? false
    },
    get base() {
      return current?.base ?? '/'
    },
    get head() {
      return current?.head ?? []
    },
    get bundle() {
      return current?.bundle
    },
    stylesOf: async (scripts) => current?.stylesOf?.(scripts) ?? [],
    stylesheets: (entry) => current?.stylesheets(entry) ?? [],
    buildInputs: async () => current?.buildInputs?.(),
    handle: inOrder([lookForHotFile, askCurrent]),
    get vite() {
      return current?.vite
    },
    get fetchHtml() {
      return current?.fetchHtml
    },
    get url() {
      return current?.url
    },
    attach(server) {
      listening = server
      current?.attach(server)
    },
    async close() {
      closed = true
      await looking
      await current?.close()
    },
  }
}
