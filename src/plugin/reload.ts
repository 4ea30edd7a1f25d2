// The option `reload`: a changed server-side template, which Vite does not know, reloads or patches open pages.
import type { Plugin, ViteDevServer } from 'vite'
import { wantsBundledDev } from '../dev/bundled-development.js'
import { relativeTo } from '../paths.js'
import { patchClient } from './client/patch.js'
import type { BackendOptions, ReloadOptions } from './options.js'
import { watchGlobs } from './watch-globs.js'

/** The event that tells pages of a changed template. */
const CHANGED = 'connect-vite:template'

/** The file of Vite's client in every supported version. */
const CLIENT = /\/dist\/client\/client\.mjs(?:\?|$)/

export function reloadPlugin(option: NonNullable<BackendOptions['reload']>): Plugin {
  const { files, mode } = longForm(option)
  const globs = [files].flat()
  let patches = mode === 'patch'
  return {
    name: 'connect-vite:reload',
    apply: 'serve',
    configResolved(config) {
      // The client of a bundle is another one, and the bundle may be a newer one than the page.
      patches &&= !wantsBundledDev(config)
    },
    transform(code, id) {
      if (!patches || !CLIENT.test(id) || !code.includes('createHotContext')) return undefined
      if (code.includes(CHANGED)) return undefined
      return { code: code + patchClient(CHANGED), map: null }
    },
    async configureServer(server) {
      if (globs.length === 0) return
      const { watcher, config } = server
      await watchGlobs(watcher, globs, config.root, (_event, file) => {
        // As Vite does for its own modules.
        const options = { clear: true, timestamp: true }
        const what = patches ? 'page patch' : 'page reload'
        config.logger.info(`${what} ${relativeTo(config.root, file)}`, options)
        const message = patches
          ? ({ type: 'custom', event: CHANGED } as const)
          : ({ type: 'full-reload', path: '*' } as const)
        channelTo(server).send(message)
      })
    },
  }
}

function longForm(option: NonNullable<BackendOptions['reload']>): Required<ReloadOptions> {
  const isObject = typeof option === 'object' && 'files' in option
  return isObject ? { mode: 'reload', ...option } : { files: option, mode: 'reload' }
}

/** Vite 6 and later have a channel for every environment, Vite 5 one for all. */
function channelTo(server: ViteDevServer): Pick<ViteDevServer['ws'], 'send'> {
  return 'environments' in server ? server.environments.client.hot : (server as ViteDevServer).ws
}
