// The option `reload`: a page reload when a server-side template changes, which Vite does not know.
import type { Plugin, ViteDevServer } from 'vite'
import { relativeTo } from '../paths.js'
import { watchGlobs } from './watch-globs.js'

export function reloadPlugin(globs: readonly string[]): Plugin {
  return {
    name: 'connect-vite:reload',
    apply: 'serve',
    async configureServer(server) {
      const { watcher, config } = server
      await watchGlobs(watcher, globs, config.root, (_event, file) => {
        // As Vite does for its own modules.
        const options = { clear: true, timestamp: true }
        config.logger.info(`page reload ${relativeTo(config.root, file)}`, options)
        channelTo(server).send({ type: 'full-reload', path: '*' })
      })
    },
  }
}

/** Vite 6 and later have a channel for every environment, Vite 5 one for all. */
function channelTo(server: ViteDevServer): Pick<ViteDevServer['ws'], 'send'> {
  return 'environments' in server ? server.environments.client.hot : (server as ViteDevServer).ws
}
