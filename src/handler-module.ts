// A virtual module that accepts updates of a server module: an edit is then a hot update, which runs `dispose`.
import type { Plugin, ViteDevServer } from 'vite'

const NAME = 'connect-vite:handler-modules'
const PREFIX = 'virtual:connect-vite/handler?'

/**
 * Without a module that accepts it, an edit clears every module of the environment, and no `import.meta.hot.dispose`
 * is called. https://vite.dev/guide/api-hmr
 */
export function handlerModulesPlugin(): Plugin {
  return {
    name: NAME,
    apply: 'serve',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined
      const module = JSON.stringify(id.slice(PREFIX.length + 1))
      return `import ${module}\nif (import.meta.hot) import.meta.hot.accept(${module}, () => {})\n`
    },
  }
}

/** The id of the module that accepts updates of `id`; `undefined` where this Vite lacks the plugin. */
export function acceptingModule(vite: ViteDevServer, id: string): string | undefined {
  return vite.config.plugins.some(({ name }) => name === NAME) ? PREFIX + id : undefined
}
