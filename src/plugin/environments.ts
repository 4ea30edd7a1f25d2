// Several environments in one `vite build --app`: the client first, each in a directory of its own.
import { basename, dirname, join, resolve } from 'node:path'
import type { Plugin, ResolvedConfig, ViteBuilder } from 'vite'
import { slashed } from '../paths.js'
import { isVite5 } from './client-build.js'
import { assertApart, type Place } from './separate-builds.js'

export function environmentsPlugin(): Plugin {
  /** Outputs that the config names, by environment. */
  let named = new Map<string, string | undefined>()
  let shared: string | undefined
  let clientOutDir = 'dist'
  /** `vite build --ssr`: `build.outDir` means the server's. */
  let serverOnly = false
  let buildsItself = false

  return {
    name: 'connect-vite:environments',
    apply: 'build',
    enforce: 'post',

    config: {
      order: 'post',
      handler(config, env) {
        const { environments = {} } = config
        serverOnly = env.isSsrBuild === true
        buildsItself = config.builder?.buildApp !== undefined
        shared = config.build?.outDir
        named = new Map(
          Object.entries(environments).map(([name, { build }]) => [name, build?.outDir]),
        )
        clientOutDir = named.get('client') ?? (serverOnly ? undefined : shared) ?? 'dist'
        // Vite builds them in this order.
        if (config.environments) {
          config.environments = { client: environments.client ?? {}, ...environments }
        }
        if (serverOnly && shared === undefined) {
          return { build: { outDir: besideClient(clientOutDir, 'ssr') } }
        }
      },
    },

    configEnvironment: {
      order: 'post',
      handler(name, { build }) {
        if (name === 'client' || serverOnly) return
        // Without a word of the user's it inherits the client's directory, and its build empties it.
        const own = named.get(name) ?? (build?.outDir === shared ? undefined : build?.outDir)
        return own === undefined
          ? { build: { outDir: besideClient(clientOutDir, name) } }
          : undefined
      },
    },

    configResolved(config) {
      assertApart(config.root, placesOf(config), serverOnly ? serverPlace(config) : undefined)
    },

    /**
     * Vite 7 and later: once a plugin's hook has built one environment, Vite builds no other. What is left
     * is built here, unless the user builds the app with a function of their own.
     */
    buildApp: {
      order: 'post',
      async handler(builder: ViteBuilder) {
        if (buildsItself) return
        for (const environment of clientFirst(builder)) {
          if (!environment.isBuilt) await builder.build(environment)
        }
      },
    },
  }
}

/** `dist` → `dist-ssr`, but `dist/client` → `dist/ssr`. */
function besideClient(client: string, name: string): string {
  return basename(client) === 'client'
    ? slashed(join(dirname(client), name))
    : `${client.replace(/[\\/]+$/, '')}-${name}`
}

function clientFirst({ environments }: ViteBuilder) {
  const { client, ...others } = environments
  return client ? [client, ...Object.values(others)] : Object.values(others)
}

function placesOf(config: ResolvedConfig): Place[] {
  if (isVite5(config)) return []
  return Object.entries(config.environments).map(([name, { build }]) => ({
    name,
    outDir: resolve(config.root, build.outDir),
    empties: build.emptyOutDir !== false,
  }))
}

function serverPlace(config: ResolvedConfig): Place {
  return {
    name: 'ssr',
    outDir: resolve(config.root, config.build.outDir),
    empties: config.build.emptyOutDir !== false,
  }
}
