// connect-vite/plugin: the Vite plugin. It sets what a backend needs, and tells production what it cannot guess.
import type { Plugin } from 'vite'
import { buildPlugin } from './build.js'
import { inputPlugin, manifestPlugin } from './config.js'
import { entryTypesPlugin } from './entry-types.js'
import { environmentsPlugin } from './environments.js'
import { hotFilePlugin } from './hot-file.js'
import { type EmptyOutDir, emptyingPlugin } from './keep.js'
import { type BackendOptions, checkOptions } from './options.js'
import { reloadPlugin } from './reload.js'
import { stylesheetsPlugin } from './stylesheets.js'

export type { BackendOptions, KeepOptions } from './options.js'

/**
 * The Vite plugin of connect-vite, for `vite.config`. Works on Vite 5 to 8, and changes nothing that the
 * config sets itself.
 *
 * It turns the manifest on, records in `.vite/connect-vite.json` what production needs to know of the build,
 * announces a `vite` that runs on its own, and builds server environments into directories of their own,
 * after the client (`vite build --app`). Everything else is done on request: see {@link BackendOptions}.
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
  checkOptions(options)
  const { input, reload, types, keep } = options
  let emptyOutDir: EmptyOutDir
  const plugins = [
    manifestPlugin(),
    input !== undefined && inputPlugin(input),
    keep &&
      emptyingPlugin((wanted) => {
        emptyOutDir = wanted
      }),
    environmentsPlugin(),
    buildPlugin(options, () => emptyOutDir),
    types !== undefined && entryTypesPlugin(types, input),
    reload?.length && reloadPlugin([reload].flat()),
    hotFilePlugin(),
    stylesheetsPlugin(input),
  ]
  return plugins.filter((plugin) => typeof plugin === 'object')
}

export default backend
