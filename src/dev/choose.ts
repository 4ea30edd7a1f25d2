// Which Vite development uses: the one that was given, one that the hot file announces and that answers, else our own.
import type { DevelopmentSettings } from '../options/types.js'
import type { DevServer } from './dev-server.js'
import { createEmbeddedServer } from './embedded.js'
import { type HotFile, readHotFile } from './hot-file.js'
import { isAlive } from './liveness.js'
import { createProxiedServer } from './proxied.js'

export function createDevServer(settings: DevelopmentSettings): DevServer {
  const { server, url } = settings.devServer
  if (url) return createProxiedServer(settings, url)
  if (server) return createEmbeddedServer(settings)
  return createAnnouncedServer(settings)
}

/**
 * The hot file is a hint, and the server's answer decides: a `vite` that runs is used, a file left behind by
 * a killed one does no harm. Asked once, at the first request; from then on a proxied server that goes down
 * is a 502 that says so.
 */
function createAnnouncedServer(settings: DevelopmentSettings): DevServer {
  let chosen: DevServer | undefined
  let closed = false

  async function choose(): Promise<DevServer> {
    const hot = readHotFile(settings.root)
    if (hot && (await isAlive(new URL(hot.base, hot.url)))) return fromHotFile(settings, hot)
    return createEmbeddedServer(settings)
  }

  let starting: Promise<void> | undefined
  return {
    start() {
      starting ??= (async () => {
        chosen ??= await choose()
        if (closed) await chosen.close()
        else await chosen.start()
      })().finally(() => {
        starting = undefined
      })
      return starting
    },
    get started() {
      return chosen?.started ?? false
    },
    get base() {
      return chosen?.base ?? '/'
    },
    get head() {
      return chosen?.head ?? []
    },
    stylesheets: (entry) => chosen?.stylesheets(entry) ?? [],
    handle: (req, res, next) => (chosen ? chosen.handle(req, res, next) : next()),
    get vite() {
      return chosen?.vite
    },
    async fetchHtml(path) {
      const html = await chosen?.fetchHtml?.(path)
      if (html === undefined) throw new Error('the chosen dev server is embedded')
      return html
    },
    get url() {
      return chosen?.url
    },
    async close() {
      closed = true
      await chosen?.close()
    },
  }
}

function fromHotFile(settings: DevelopmentSettings, hot: HotFile): DevServer {
  return createProxiedServer(settings, new URL(hot.url), hot)
}
