// HMR on the app's port: Vite gets a server that never listens, and the app's upgrades are emitted on it.
import { createServer, type Server } from 'node:http'
import { posix } from 'node:path'
import type { Plugin, ResolvedConfig, UserConfig, ViteDevServer } from 'vite'
import { createUpgradeHub, isHmrUpgrade } from '../upgrade.js'

export interface HmrSocket {
  /** Goes into Vite's config. */
  plugin: Plugin
  /** Makes the app's server known. */
  attach(server: Server | undefined): void
  close(): void
}

/**
 * `getVite` is asked at each upgrade, so that a restart of Vite, which brings a new config with a new
 * server to listen on, needs nothing done: the upgrade goes to the one that is in charge.
 */
export function createHmrSocket(getVite: () => ViteDevServer | undefined): HmrSocket {
  const ours = new WeakSet<object>()
  let updates = true

  function target(): { server: Server; path: string } | undefined {
    const config = getVite()?.config
    const { server, path } = socketOptions(config?.server)
    if (!config || !server || !ours.has(server)) return undefined
    return { server: server as Server, path: path ? posix.join(config.base, path) : config.base }
  }

  const upgrades = createUpgradeHub({
    claims(req) {
      const path = target()?.path
      return path !== undefined && isHmrUpgrade(req, path)
    },
    // Each start of Vite has another token, which its client sends along.
    owns: ({ url }) =>
      tokenOf(url) === (getVite()?.config as WithToken | undefined)?.webSocketToken,
    take(req, socket, head) {
      // While Vite closes it does not listen; the browser tries again.
      if (!target()?.server.emit('upgrade', req, socket, head)) socket.destroy()
    },
  })

  return {
    plugin: {
      name: 'connect-vite:hmr-socket',
      config: {
        order: 'post',
        handler(user) {
          const { server, port } = socketOptions(user.server)
          updates = user.server?.hmr !== false
          // The config may name a server or a port for the socket, or turn it off.
          if (user.server?.ws === false || server || port) return
          // Without a server Vite would open a port, and the client look for it there, updates or not.
          const silent = createServer()
          ours.add(silent)
          return { server: { [socketOption(this)]: { server: silent } } }
        },
      },
      // Before 8.1 the server's place is `hmr` itself, so that `hmr: false` has to be kept in another way.
      handleHotUpdate: { order: 'post', handler: () => (updates ? undefined : []) },
    },
    attach: upgrades.attach,
    close: upgrades.close,
  }
}

interface WithToken {
  webSocketToken?: string
}

/** Not `undefined`, which would equal the token of a Vite that is not there. */
function tokenOf(url = ''): string {
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? ''
}

/** `server.ws` since Vite 8.1, which warns of the older name. Before 7 a hook has no context. */
function socketOption(context: { meta: { viteVersion: string } } | undefined): 'ws' | 'hmr' {
  return Number.parseFloat(context?.meta.viteVersion ?? '') >= 8.1 ? 'ws' : 'hmr'
}

/** What both names hold, the newer one over the older. */
function socketOptions(server: UserConfig['server'] | ResolvedConfig['server']) {
  const { hmr, ws } = server ?? {}
  return { ...(typeof hmr === 'object' ? hmr : {}), ...(typeof ws === 'object' ? ws : {}) }
}
