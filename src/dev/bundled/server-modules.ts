// Server modules beside a bundle: Vite neither watches them in this mode nor renews what has changed.
import type { Plugin, ViteDevServer } from 'vite'

/** Watches each module that a server environment loads. */
export function watchingPlugin(
  watcher: () => Pick<ViteDevServer['watcher'], 'add'> | undefined,
): Plugin {
  return {
    name: 'connect-vite:watch-server-modules',
    enforce: 'pre',
    transform: {
      order: 'pre',
      filter: { id: { exclude: /[\\/]node_modules[\\/]|\0/ } },
      handler(_code, id) {
        watcher()?.add(id.replace(/\?.*$/s, ''))
        return undefined
      },
    },
  }
}

/**
 * With `experimental.bundledDev` Vite's own handler of file changes returns early, for every environment.
 * https://github.com/vitejs/vite/blob/main/packages/vite/src/node/server/hmr.ts
 */
export function renewServerModules({ watcher, environments }: ViteDevServer): void {
  const { client: _, ...servers } = environments
  for (const event of ['change', 'unlink'] as const) {
    watcher.on(event, (path) => {
      const file = path.replaceAll('\\', '/')
      for (const environment of Object.values(servers)) {
        for (const module of environment.moduleGraph.getModulesByFile(file) ?? []) {
          environment.reloadModule(module).catch(() => {})
        }
      }
    })
  }
}
