// The browser's entries, as far as the config names them.
import { isAbsolute, relative } from 'node:path'
import type { ViteDevServer } from 'vite'

type Input = NonNullable<ViteDevServer['config']['build']['rolldownOptions']>['input']

/**
 * Relative to root; without HTML, whose tags Vite makes itself. A plugin may have set them for the client
 * alone (an environment since Vite 6); `input` at the top is Vite 8.2's.
 */
export function configuredEntries(config: ViteDevServer['config']): string[] {
  const { root, environments, input } = config as typeof config & { input?: Input }
  const build = environments?.client?.build ?? config.build
  const given = build.rolldownOptions?.input ?? build.rollupOptions?.input ?? input ?? []
  const files = typeof given === 'string' ? [given] : Object.values(given)
  return files
    .filter((file) => !/\.html?$/.test(file))
    .map((file) => (isAbsolute(file) ? relative(root, file) : file))
}
