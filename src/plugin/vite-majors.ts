// Differences between Vite 5 and later majors: the build that a hook belongs to, and options of the client's build alone.
import { resolve } from 'node:path'
import type { BuildOptions, ConfigEnv, Plugin, ResolvedConfig } from 'vite'
import { inputOf } from '../inputs.js'

/** One environment's build. */
export interface Target {
  /** Environment name; Vite 5: `client` or `ssr`. */
  readonly name: string
  readonly isClient: boolean
  readonly config: ResolvedConfig
  readonly root: string
  /** Absolute. */
  readonly outDir: string
  /** The same object in every hook of this build, and in no other's. */
  readonly identity: object
}

/** What all plugin contexts have in common, as far as it is needed here. */
export interface Context {
  environment?: unknown
}

interface BuildEnvironmentLike {
  name: string
  config: ResolvedConfig & { consumer?: string }
}

export function targetOf(context: Context, resolved: ResolvedConfig): Target {
  const environment = context.environment as BuildEnvironmentLike | undefined
  const config = environment?.config ?? resolved
  const isClient = environment ? environment.config.consumer === 'client' : !config.build.ssr
  return {
    name: environment?.name ?? (isClient ? 'client' : 'ssr'),
    isClient,
    config,
    root: config.root,
    outDir: outDirOf(config.root, config.build),
    identity: environment ?? resolved,
  }
}

/** What a plugin may know when it decides. */
export interface ClientBuild {
  /** Absolute. */
  readonly root: string
  readonly command: ConfigEnv['command']
  readonly base: string | undefined
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
export function overClientBuild(decide: Decide): Pick<Plugin, 'config' | 'configEnvironment'> & {
  configResolved(config: ResolvedConfig): Promise<void>
} {
  let root = process.cwd()
  let command: ConfigEnv['command'] = 'serve'
  let base: string | undefined
  return {
    // After the others, to see what they set.
    config: {
      order: 'post',
      handler(config, env) {
        root = resolve(config.root ?? '.')
        command = env.command
        base = config.base
      },
    },
    configEnvironment: {
      order: 'post',
      async handler(name, options) {
        if (name !== 'client') return
        const { build = {} } = options
        const over = await decide({ root, command, base, build, input: inputOf(options) })
        return over && { build: over }
      },
    },
    async configResolved(config) {
      if (!isVite5(config) || config.build.ssr) return
      const { root, command, base, build } = config
      const over = await decide({ root, command, base, build, input: inputOf(config) })
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

/** Where a build writes its files and its manifest, absolute: `output.dir`, where it is set, comes before `outDir`. */
export function outDirOf(root: string, build: BuildOptions): string {
  const { rollupOptions, rolldownOptions } = build as Pick<BuildOptions, 'rollupOptions'> & {
    rolldownOptions?: BuildOptions['rollupOptions']
  }
  const outputs = [rolldownOptions?.output ?? rollupOptions?.output ?? {}].flat()
  // Vite emits the manifest with the last output.
  return resolve(root, outputs.at(-1)?.dir ?? build.outDir ?? 'dist')
}
