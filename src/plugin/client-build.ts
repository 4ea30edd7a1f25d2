// Lays options over the client's build, and over no other environment's, on every Vite.

import { resolve } from 'node:path'
import type { BuildOptions, ConfigEnv, Plugin, ResolvedConfig } from 'vite'
import { inputOf } from '../inputs.js'

/** What a plugin may know when it decides. */
export interface ClientBuild {
  /** Absolute. */
  readonly root: string
  readonly command: ConfigEnv['command']
  /** What the user and other plugins set. */
  readonly build: Readonly<BuildOptions>
  /** Their inputs, in whichever of Vite's places. */
  readonly input: unknown
}

type Decide = (client: ClientBuild) => BuildOptions | undefined | Promise<BuildOptions | undefined>

/**
 * Vite 6 and later ask environment by environment (what is set at the top level would be every server
 * environment's too). Vite 5 has one build a config: it is changed when it is resolved.
 */
export function overClientBuild(
  decide: Decide,
): Pick<Plugin, 'config' | 'configEnvironment' | 'configResolved'> {
  let root = process.cwd()
  let command: ConfigEnv['command'] = 'serve'
  return {
    // After the others, to see what they set.
    config: {
      order: 'post',
      handler(config, env) {
        root = resolve(config.root ?? '.')
        command = env.command
      },
    },
    configEnvironment: {
      order: 'post',
      async handler(name, options) {
        if (name !== 'client') return
        const { build = {} } = options
        const over = await decide({ root, command, build, input: inputOf(options) })
        return over && { build: over }
      },
    },
    async configResolved(config) {
      if (!isVite5(config) || config.build.ssr) return
      const { root, command, build } = config
      const over = await decide({ root, command, build, input: inputOf(config) })
      if (over)
        Object.assign(build, over, {
          rollupOptions: { ...build.rollupOptions, ...over.rollupOptions },
        })
    },
  }
}

/** Vite 5 leaves `environments` as the user wrote them; later ones give each a consumer. */
export function isVite5({ environments }: { environments?: unknown }): boolean {
  const { client } = (environments ?? {}) as { client?: { consumer?: unknown } }
  return client?.consumer === undefined
}

/** The client's build as Vite resolved it. Only `vite build` of Vite 5 has it at the top. */
export function clientBuildOf(config: ResolvedConfig): ResolvedConfig['build'] {
  return isVite5(config) ? config.build : (config.environments.client?.build ?? config.build)
}
