// The Vite plugin, connect-vite/plugin: sets what a backend needs, and records what production cannot guess.
import { bundledDevelopmentPlugin } from '../dev/bundled-development.js'
import { pageClientPlugin } from '../dev/page-client.js'
import type { Plugin } from '../vite-types.js'
import { announcePlugin, stylesheetsPlugin } from './announce.js'
import { buildPlugin, manifestPlugin } from './build.js'
import { createEntries } from './entries.js'
import { entryTypesPlugin } from './entry-types.js'
import { environmentsPlugin } from './environments.js'
import { type EmptyOutDir, emptyingPlugin } from './keep.js'
import { type BackendOptions, checkBackendOptions } from './options.js'
import { reloadPlugin } from './reload.js'

export type { BackendOptions, KeepOptions, ReloadOptions, TemplatesOptions } from './options.js'

/**
 * The Vite plugin of connect-vite, for `vite.config`. Works on Vite 5 to 8, and changes nothing that the
 * config sets itself.
 *
 * It turns the manifest on, records in `.vite/connect-vite.json` what production needs to know of the build,
 * announces an external `vite` to the app, and builds each server environment into a separate directory,
 * after the client (`vite build --app`). Everything else is an option: see {@link BackendOptions}.
 *
 * @throws ConnectViteError `ERR_OPTION` when an option does not exist or has a wrong value
 *
 * @example
 * ```ts
 * import { backend } from 'connect-vite/plugin'
 * import { defineConfig } from 'vite'
 *
 * export default defineConfig({
 *   plugins: [
 *     backend({
 *       input: ['src/main.ts', 'src/pages/*.ts'],
 *       reload: ['views/**'],
 *       types: 'vite-entries.d.ts',
 *       compress: true,
 *       keep: { builds: 3, days: 7 },
 *     }),
 *   ],
 * })
 * ```
 */
export function backend(options: BackendOptions = {}): Plugin[] {
  checkBackendOptions(options)
  const { reload, types, keep } = options
  const entries = createEntries(options)
  let emptyOutDir: EmptyOutDir
  const plugins = [
    manifestPlugin(),
    entries.plugin,
    keep &&
      emptyingPlugin((wanted) => {
        emptyOutDir = wanted
      }),
    environmentsPlugin(),
    buildPlugin(options, entries, () => emptyOutDir),
    types !== undefined && entryTypesPlugin(types, options.input, entries),
    reload !== undefined && reloadPlugin(reload),
    announcePlugin(),
    stylesheetsPlugin(entries),
    pageClientPlugin(),
    bundledDevelopmentPlugin(),
  ]
  return plugins.filter((plugin) => typeof plugin === 'object')
}

export default backend
