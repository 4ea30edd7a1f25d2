// Which build a hook is called for: Vite 6 and later say so in `this.environment`, Vite 5 has one build a config.
import { resolve } from 'node:path'
import type { ResolvedConfig } from 'vite'

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
    outDir: resolve(config.root, config.build.outDir),
    identity: environment ?? resolved,
  }
}
