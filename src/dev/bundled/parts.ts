// Styles and other parts of component files (Vue, Svelte): kept as new as the file that they are parts of.
import { readFile } from 'node:fs/promises'
import type { Plugin, ViteDevServer } from 'vite'

/** Milliseconds that a part waits for its file. A file with an error in it is not transformed. */
const PATIENCE = 500

/** A module with a query that Vite takes for a stylesheet: `App.vue?vue&type=style&index=0&lang.css`. */
const PART = /\?.*[.&](?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|&)/

/** What has no parts. */
const WHOLE = /\?|\.(?:[cm]?[jt]sx?|json|css|less|scss|sass|styl)$|[\\/]node_modules[\\/]|\0/

interface Deferred {
  promise: Promise<void>
  resolve(): void
}

/**
 * The bundler takes a part for unchanged when its file changes, and loads both at once, while the plugins make the
 * parts from what they saw in the file. In ordinary development their `hotUpdate` hooks care for that, which are not
 * called in this mode (https://github.com/rolldown/rolldown/issues/10022).
 */
export function partsPlugin(server: () => ViteDevServer | undefined): Plugin {
  const changed = new Map<string, Deferred>()
  const codes = new Map<string, string>()

  return {
    name: 'connect-vite:parts',
    async watchChange(file, { event }) {
      changed.get(file)?.resolve()
      changed.set(file, deferred())
      const vite = server()
      if (event === 'update' && vite) await tellPlugins(vite, file)
    },
    transform: {
      order: 'post',
      filter: { id: { exclude: WHOLE } },
      handler(code, id) {
        changed.get(id)?.resolve()
        changed.delete(id)
        const bare = code.replace(RERENDER, '')
        const isSame = codes.get(id) === bare
        codes.set(id, bare)
        return isSame && bare === code ? withState(code) : undefined
      },
    },
    load: {
      order: 'pre',
      filter: { id: PART },
      async handler(id) {
        const file = id.replace(/\?.*$/s, '')
        this.addWatchFile(file)
        await atMost(changed.get(file)?.promise)
        // Not before that is done do other plugins find what they have kept with the module.
        await atMost(this.load({ id: file }).catch(() => {}))
        return undefined
      },
    },
  }
}

/** By this export a Vue component says that only its template has changed, so that it is rendered and not made anew. */
const RERENDER = /^export const _rerender_only = .*\n/m

/** With another style alone, the file has changed for the bundler, and the component is updated too. */
function withState(code: string): { code: string; map: null } | undefined {
  if (!code.includes('_rerender_only')) return undefined
  return { code: `${code}\nexport const _rerender_only = true\n`, map: null }
}

/** Plugins forget what they have kept of the file. Which modules they would update is the bundler's business here. */
async function tellPlugins(vite: ViteDevServer, file: string): Promise<void> {
  const environment = vite.environments.client
  const context = {
    file,
    timestamp: Date.now(),
    modules: [],
    server: vite,
    read: () => readFile(file, 'utf8'),
  }
  for (const { name, hotUpdate, handleHotUpdate } of environment.plugins) {
    if (!hotUpdate && !handleHotUpdate) continue
    try {
      const given = { environment, meta: { viteVersion: '' } }
      if (hotUpdate) await handlerOf(hotUpdate).call(given as never, { ...context, type: 'update' })
      else if (handleHotUpdate) await handlerOf(handleHotUpdate).call(given as never, context)
    } catch (error) {
      environment.logger.warn(`[connect-vite] hotUpdate of ${name}: ${(error as Error).message}`)
    }
  }
}

function handlerOf<T>(hook: T | { handler: T }): T {
  return typeof hook === 'object' && hook !== null && 'handler' in hook ? hook.handler : (hook as T)
}

function deferred(): Deferred {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function atMost(work: Promise<unknown> | undefined): Promise<void> {
  if (!work) return
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE)
  })
  await Promise.race([work, end])
  clearTimeout(timer)
}
