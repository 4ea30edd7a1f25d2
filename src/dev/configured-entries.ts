// The browser's entries, as far as the config names them.
import { isAbsolute, relative } from 'node:path'
import type { ViteDevServer } from 'vite'

/** Where Vite has had the inputs, one version after the other: Rollup's name, Rolldown's (8), and at the top (8.2). */
export interface WithInput {
  input?: unknown
  build?: { rollupOptions?: { input?: unknown }; rolldownOptions?: { input?: unknown } }
}

export function inputOf({ input, build }: WithInput): unknown {
  return build?.rolldownOptions?.input ?? build?.rollupOptions?.input ?? input
}

/**
 * Relative to root; without HTML, whose tags Vite makes itself. A plugin may have set them for the client
 * alone (an environment since Vite 6).
 */
export function configuredEntries(config: ViteDevServer['config']): string[] {
  const { root, environments, input } = config as typeof config & WithInput
  const given = inputOf({ build: environments?.client?.build ?? config.build, input })
  const files = typeof given === 'string' ? [given] : Object.values(given ?? {})
  return files
    .filter((file): file is string => typeof file === 'string' && !/\.html?$/.test(file))
    .map((file) => (isAbsolute(file) ? relative(root, file) : file))
}
