// The door to bundled development (`experimental.bundledDev`): the rest is loaded only where that is on.
import type { Plugin, ResolvedConfig, ViteDevServer } from 'vite'
import { ConnectViteError } from '../errors.js'
import type { Bundle } from './bundled/bundle.js'
import type { Development } from './bundled/development.js'

export type { Bundle }

const NAME = 'connect-vite:bundled-development'

interface Api {
  developmentOf(config: ResolvedConfig): Development | undefined
}

/** Whether the config asks for it. The option is not in the types of older majors. */
export function wantsBundledDev(config: ViteDevServer['config']): boolean {
  const { experimental } = config as { experimental?: { bundledDev?: unknown } }
  return Boolean(experimental?.bundledDev)
}

/**
 * Goes into every Vite, in this process through the middleware and in another through `backend()`. Of several
 * the first is at work. Does nothing, and loads nothing, in ordinary development.
 */
export function bundledDevelopmentPlugin(): Plugin {
  const asked = new Set<string>()
  const developments = new WeakMap<ResolvedConfig, Development>()
  const developmentOf: Api['developmentOf'] = (config) => developments.get(config)

  const plugin: Plugin = {
    name: NAME,
    apply: 'serve',
    api: { developmentOf } satisfies Api,
    async configResolved(config) {
      if (!wantsBundledDev(config) || pluginIn(config) !== plugin) return
      const { createDevelopment } = await import('./bundled/development.js')
      // Before Vite 7 a hook has no context.
      const version = (this as { meta?: { viteVersion?: string } } | undefined)?.meta?.viteVersion
      developments.set(config, createDevelopment(config, asked, version))
    },
    applyToEnvironment(environment) {
      return developmentOf(environment.getTopLevelConfig())?.plugins(environment.name) ?? false
    },
    configureServer: (server) => developmentOf(server.config)?.attach(server),
  }
  return plugin
}

/**
 * The bundle of this Vite; `undefined` in ordinary development.
 *
 * @throws ConnectViteError `ERR_UNSUPPORTED` when this Vite has no bundled development, or lacks the plugin
 */
export function openBundle(vite: ViteDevServer): Bundle | undefined {
  if (!wantsBundledDev(vite.config)) return undefined
  const development = (pluginIn(vite.config)?.api as Api | undefined)?.developmentOf(vite.config)
  if (development) return development.open(vite)
  throw new ConnectViteError('ERR_UNSUPPORTED', {
    what: 'Bundled development (experimental.bundledDev) needs the plugin of connect-vite in this Vite.',
    lookedIn: vite.config.configFile || undefined,
    likelyCause: 'the app has made this Vite itself and passed it as devServer',
    remedy:
      "Add backend() from 'connect-vite/plugin' to plugins in vite.config, or leave the devServer option out.",
  })
}

function pluginIn({ plugins }: ResolvedConfig): Plugin | undefined {
  return plugins.find(({ name }) => name === NAME)
}
