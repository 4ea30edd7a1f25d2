// The inputs of a Vite config, in each of the places where Vite has had them.
import { isAbsolute } from 'node:path'
import type { ViteDevServer } from 'vite'
import { ConnectViteError } from './errors.js'
import { relativeTo } from './paths.js'

/** Rollup's name (Vite 5 to 7), Rolldown's (8), and at the top (8.2). */
export interface WithInput {
  input?: unknown
  build?: { rollupOptions?: { input?: unknown }; rolldownOptions?: { input?: unknown } }
}

export function inputOf({ input, build }: WithInput): unknown {
  return build?.rolldownOptions?.input ?? build?.rollupOptions?.input ?? input
}

/** The files of an input, which may be one, an array, or a table of names and files. */
export function inputFiles(input: unknown): string[] {
  const files = typeof input === 'string' ? [input] : Object.values((input as object) ?? {})
  return files.filter((file): file is string => typeof file === 'string')
}

/** HTML is an entry of Vite's own, whose tags it makes itself. */
export function isHtml(file: string): boolean {
  return /\.html?$/.test(file)
}

/** The browser's entries that the config names, relative to root, without HTML. */
export function configuredEntries(config: ViteDevServer['config']): string[] {
  return configuredInputs(config).filter((file) => !isHtml(file))
}

/**
 * All inputs of the browser that the config names, relative to root. A plugin may have set them for the client
 * alone (an environment since Vite 6).
 */
export function configuredInputs(config: ViteDevServer['config']): string[] {
  const { root, environments, input } = config as typeof config & WithInput
  const given = inputOf({ build: environments?.client?.build ?? config.build, input })
  return inputsIn(root, given)
}

/** As a manifest names them: files by their paths relative to root. */
export function inputsIn(root: string, input: unknown): string[] {
  return inputFiles(input).map((file) => (isAbsolute(file) ? relativeTo(root, file) : file))
}

/**
 * The one input of an environment, for a fetch handler without a name.
 *
 * @throws ConnectViteError `ERR_OPTION` when there is none, or more than one
 */
export function onlyInput(input: unknown, environment: string): string {
  const files = inputFiles(input)
  const [first] = files
  if (files.length === 1 && first !== undefined) return first
  throw new ConnectViteError('ERR_OPTION', {
    what: `fetchable() without an entry needs an environment with one input, and "${environment}" has ${files.length || 'none'}.`,
    lookedIn: files,
    remedy: `Name the entry, fetchable('src/entry-server.ts'), or give the environment one build input.`,
  })
}

/** The remedy for a file that is not an input, the plugin's way first. */
export function addToInput(file: string): string {
  return `Add ${file} to \`input\` in backend() (or build.rolldownOptions.input; before Vite 8 build.rollupOptions.input).`
}

/** The remedy as a line of `vite.config`, with what is there already. */
export function lineWithInput(
  file: string,
  { inputs, templates }: { inputs: readonly string[]; templates?: readonly string[] | undefined },
): string {
  // What templates name need not be listed.
  const known = templates || inputs.length > MOST_LISTED ? [] : inputs
  const listed = [...known, file].map((item) => `'${item}'`)
  if (!templates && inputs.length > MOST_LISTED) listed.unshift('…')
  const more = templates ? `, templates: [${templates.map((glob) => `'${glob}'`).join(', ')}]` : ''
  return `Write in vite.config: backend({ input: [${listed.join(', ')}]${more} }). (Without the plugin: build.rolldownOptions.input, before Vite 8 build.rollupOptions.input.)`
}

const MOST_LISTED = 5
