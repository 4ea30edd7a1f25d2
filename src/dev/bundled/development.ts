// Bundled development of one Vite, from its resolved config to its end.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, ResolvedConfig, ViteDevServer } from 'vite'
import { configuredInputs } from '../../inputs.js'
import { type Bundle, createBundle } from './bundle.js'
import { bundlerPlugin, createSources, missingPlugin } from './bundler-plugin.js'
import { createEndpoint } from './endpoint.js'
import { createEntryRule } from './entry-rule.js'
import { partsPlugin } from './parts.js'
import { renewServerModules, watchingPlugin } from './server-modules.js'
import { bundledDevOf } from './vite-internals.js'

export interface Development {
  /** What belongs into this environment: the bundler's part for the browser, the watch for servers. */
  plugins(environment: string): Plugin[]
  /** Puts the middleware and the watchers where they belong, before Vite listens. */
  attach(vite: ViteDevServer): void
  /**
   * The bundle, from when Vite listens.
   *
   * @throws ConnectViteError `ERR_UNSUPPORTED`
   */
  open(vite: ViteDevServer): Bundle
}

/** `asked` has the entries that templates have asked for: a restart of Vite does not forget them. */
export function createDevelopment(
  config: ResolvedConfig,
  asked: Set<string>,
  version?: string,
): Development {
  const { root } = config
  const sources = createSources(root, inputsOf(config), asked)
  let bundle: Bundle | undefined
  let server: ViteDevServer | undefined

  function open(vite: ViteDevServer): Bundle {
    bundle ??= createBundle(vite, bundledDevOf(vite, version), sources)
    return bundle
  }

  return {
    open,
    plugins: (environment) =>
      environment === 'client'
        ? [bundlerPlugin(sources), partsPlugin(() => server), missingPlugin(sources)]
        : [watchingPlugin(() => sources.watcher)],
    attach(vite) {
      // Before Vite 6 there are none, and nothing that could be opened either.
      if (!('environments' in vite)) return
      server = vite
      sources.watcher = vite.watcher
      const mayBeBuilt = createEntryRule(config, sources)
      vite.middlewares.use(
        createEndpoint(vite, async (entry) =>
          mayBeBuilt(entry) ? open(vite).built(entry) : undefined,
        ),
      )
      vite.watcher.on('add', (file) => bundle?.created(file.replaceAll('\\', '/')))
      renewServerModules(vite)
    },
  }
}

/** As Vite's own build has it: without an input, the page at the top. */
function inputsOf(config: ResolvedConfig): string[] {
  const named = configuredInputs(config)
  if (named.length > 0) return named
  return existsSync(join(config.root, 'index.html')) ? ['index.html'] : []
}
