// The plugin's public options, and the check that none is mistyped.
import { inspect } from 'node:util'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
import type { Check } from '../options/checks.js'

/** Which earlier builds stay servable. What is left out does not limit. */
export interface KeepOptions {
  /** How many builds in all, the newest included. @default Infinity */
  builds?: number
  /** For how many days after a newer build took its place. @default Infinity */
  days?: number
}

/** Options of {@link backend}. None is required. */
export interface BackendOptions {
  /**
   * What templates name in `viteTags()`: files or globs relative to Vite's root, or a record of names and
   * files. Left alone when the config sets `build.rollupOptions.input` (or another of Vite's spellings).
   *
   * @default what the config says
   */
  input?: string | readonly string[] | Readonly<Record<string, string>>
  /**
   * Globs of server-side templates, relative to Vite's root: when one changes, is added or removed, the page
   * is loaded again.
   *
   * @default []
   */
  reload?: string | readonly string[]
  /**
   * Where to write a declaration of the entries, relative to Vite's root, so that a mistyped entry in
   * `viteTags()` does not compile. `tsconfig.json` must include the file.
   *
   * @default undefined
   */
  types?: string
  /**
   * Write `.br` (quality 11) and `.gz` (level 9) beside what is built, where that saves at least 5 %.
   *
   * @default false
   */
  compress?: boolean
  /**
   * Keep hashed files of earlier builds in `outDir`, so that a page that was loaded before a deployment
   * still finds its chunks.
   *
   * @default undefined
   */
  keep?: KeepOptions
}

const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: unknown): boolean =>
  isFilled(value) || (Array.isArray(value) && value.length > 0 && value.every(isFilled))
const isAmount = (value: unknown, least: number): boolean =>
  value === undefined || (typeof value === 'number' && value >= least)

const checks: Record<keyof BackendOptions, Check> = {
  input: {
    wants: 'a file, a glob, an array of them, or an object of names and files',
    accepts: (value) =>
      isList(value) ||
      (isTable(value) && Object.keys(value).length > 0 && Object.values(value).every(isFilled)),
  },
  reload: {
    wants: 'a glob or an array of globs',
    accepts: (value) => isList(value) || (Array.isArray(value) && value.length === 0),
  },
  types: { wants: "a file name such as 'vite-entries.d.ts'", accepts: isFilled },
  compress: { wants: 'true or false', accepts: (value) => typeof value === 'boolean' },
  keep: {
    wants:
      'an object of builds (1 or more) and days (0 or more), for example { builds: 3, days: 7 }',
    accepts: (value) =>
      isTable(value) &&
      Object.keys(value).length > 0 &&
      Object.keys(value).every((key) => key === 'builds' || key === 'days') &&
      isAmount(value.builds, 1) &&
      isAmount(value.days, 0),
  },
}

/**
 * @throws ConnectViteError `ERR_OPTION` for a name that does not exist, or a value of the wrong type
 */
export function checkOptions(options: unknown): asserts options is BackendOptions {
  if (!isTable(options)) throw wrong('backend() takes an object of options', options)
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name as keyof BackendOptions] : undefined
    if (!check) throw unknown(name)
    if (value === undefined || check.accepts(value)) continue
    throw wrong(`The option '${name}' of backend() has to be ${check.wants}`, value)
  }
}

function unknown(name: string): ConnectViteError {
  const [near] = nearest(name, Object.keys(checks), 1)
  return new ConnectViteError('ERR_OPTION', {
    what: `backend() has no option '${name}'.`,
    remedy: near ? `Did you mean '${near}'?` : `Options are ${Object.keys(checks).join(', ')}.`,
  })
}

function wrong(wanted: string, value: unknown): ConnectViteError {
  return new ConnectViteError('ERR_OPTION', {
    what: `${wanted}, not ${inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })}.`,
    remedy: 'Change it in vite.config, or leave it out.',
  })
}
