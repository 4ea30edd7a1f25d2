// The browser's entries, as far as the config names them.
import { isAbsolute, relative } from 'node:path'
import type { ViteDevServer } from 'vite'

type Input = NonNullable<ViteDevServer['config']['build']['rolldownOptions']>['input']

/** Relative to root; without HTML, whose tags Vite makes itself. `input` at the top is Vite 8.2's. */
export function configuredEntries(config: ViteDevServer['config']): string[] {
  const { root, build, input } = config as typeof config & { input?: Input }
  const given = input ?? build.rolldownOptions?.input ?? build.rollupOptions?.input ?? []
  const files = typeof given === 'string' ? [given] : Object.values(given)
  return files
    .filter((file) => !/\.html?$/.test(file))
    .map((file) => (isAbsolute(file) ? relative(root, file) : file))
}
