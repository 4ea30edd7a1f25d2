// Rule for the entries that a request may add to the bundle. A template may add any; a request comes from anywhere.
import { resolve } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { isScriptSource, isStylesheetSource } from '../../build/kinds.js'
import { isBelow } from '../../paths.js'
import { isHidden } from '../hidden-paths.js'
import type { Sources } from './bundler-plugin.js'
import { isDenied } from './vite-internals.js'

/**
 * The template of an external Vite is in another process, so what it asks for is known by the request alone. Such an
 * entry is a script or a stylesheet that Vite would serve by itself in ordinary development: below `server.fs.allow`,
 * not denied, no dotfile. Without a query, because `?raw` turns every file into a module.
 */
export function createEntryRule(
  config: ResolvedConfig,
  { inputs, asked }: Pick<Sources, 'inputs' | 'asked'>,
): (entry: string) => boolean {
  return function mayBeBuilt(entry) {
    if (inputs.includes(entry) || asked.has(entry)) return true
    if (entry.startsWith('virtual:')) return !/[?\0]/.test(entry)
    if (/[?#\\\0]/.test(entry) || !(isScriptSource(entry) || isStylesheetSource(entry)))
      return false
    const file = resolve(config.root, entry)
    return isServed(config, file) && !isHidden(`/${entry.replace(/^(?:\.\.\/)+/, '')}`, config.root)
  }
}

/** Whether Vite would send this file by itself in ordinary development. */
export function isServed(config: ResolvedConfig, file: string): boolean {
  const { strict, allow } = config.server.fs
  if (isDenied(config, file)) return false
  return !strict || [config.root, ...allow].some((directory) => isBelow(directory, file))
}
