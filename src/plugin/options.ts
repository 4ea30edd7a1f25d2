// The plugin's public options: types, and the table of what each may be.
import {
  amountOf,
  anyOf,
  type Check,
  checkOptions,
  either,
  filled,
  flag,
  isTable,
  listOf,
  membersOf,
  type OptionTable,
  oneOf,
} from '../check.js'

/** Which earlier builds stay servable. What is left out does not limit. */
export interface KeepOptions {
  /** How many builds in all, the newest included. @default Infinity */
  builds?: number
  /** For how many days after a newer build took its place. @default Infinity */
  days?: number
}

/** The long form of the option `templates`. */
export interface TemplatesOptions {
  /** Files or globs relative to Vite's root. @default the usual template endings below `views` */
  files?: string | readonly string[]
  /** The option `name` of `connectVite()`: templates call `${name}Tags` and `${name}Inline`. @default 'vite' */
  name?: string
}

/** What happens to open pages when a template changes. */
export interface ReloadOptions {
  /** Globs of templates, relative to Vite's root. */
  files: string | readonly string[]
  /**
   * `'patch'` fetches the page again and puts only the difference into the open page: state of components, typed text,
   * focus and scroll position stay. Where that cannot be right the page is loaded again.
   *
   * @default 'reload'
   */
  mode?: 'reload' | 'patch'
}

/** Options of {@link backend}. None is required. */
export interface BackendOptions {
  /**
   * What templates name in `viteTags()`: files or globs relative to Vite's root, or a record of names and
   * files. Left alone when the config sets `build.rollupOptions.input` (or another of Vite's spellings).
   *
   * @default what the config says, else what the templates name
   */
  input?: string | readonly string[] | Readonly<Record<string, string>>
  /**
   * Templates in which entries are found: string literals in `viteTags('…')` and `viteInline('…')`, in arrays
   * and ternaries too. The object form says the option `name` of `connectVite()`. An empty array finds nothing.
   * Without this option `input` is the complete list; with both, found entries are added to it.
   *
   * @default the usual template endings below `views`, where neither `input` nor the config names inputs
   */
  templates?: string | readonly string[] | TemplatesOptions
  /**
   * Globs of server-side templates, relative to Vite's root: when one changes, is added or removed, the page
   * is loaded again. The object form can patch the page instead, see {@link ReloadOptions.mode}.
   *
   * @default []
   */
  reload?: string | readonly string[] | ReloadOptions
  /**
   * Where to write a declaration of entries and assets, relative to Vite's root, so that a mistyped path in
   * `viteTags()`, `viteInline()` or `viteAsset()` does not compile. `tsconfig.json` must include the file.
   *
   * @default undefined
   */
  types?: string
  /**
   * Write `.br` (quality 11) and `.gz` (level 9) beside what is built, where that saves at least 5 %.
   * With `keep`, also the difference of each hashed script and stylesheet to the build before, where Node's zlib can.
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

const names = either(filled, listOf(filled))
const filesByName: Check = {
  wants: 'an object of names and files',
  accepts: (value) =>
    isTable(value) && Object.keys(value).length > 0 && Object.values(value).every(filled.accepts),
}

const all = Number.POSITIVE_INFINITY
const keepTable = {
  builds: { check: amountOf('builds', 3, { least: 1, most: all }), default: all },
  days: { check: amountOf('days', 7, { most: all }), default: all },
} satisfies OptionTable<KeepOptions>

const templatesTable = {
  files: { check: { ...either(filled, anyOf(filled)), wants: 'a glob or an array of globs' } },
  name: { check: { ...filled, wants: "a name such as 'vite'" }, default: 'vite' },
} satisfies OptionTable<TemplatesOptions>
const templatesCheck = membersOf(templatesTable, 'an object of files and name')

const reloadTable = {
  files: { check: { ...either(filled, anyOf(filled)), wants: 'a glob or an array of globs' } },
  mode: { check: oneOf('reload', 'patch'), default: 'reload' },
} satisfies OptionTable<ReloadOptions>

/** `backend({ … })`. The table of the reference has the same order. */
export const backendTable = {
  input: {
    check: {
      ...either(names, filesByName),
      wants: 'a file, a glob, an array of them, or an object of names and files',
    },
  },
  templates: {
    check: {
      ...either(filled, anyOf(filled), templatesCheck),
      wants: 'a glob, an array of globs, or an object of files and name',
    },
  },
  reload: {
    check: {
      ...either(filled, anyOf(filled), membersOf(reloadTable, 'an object of files and mode')),
      wants: 'a glob, an array of globs, or an object of files and mode',
    },
    default: [],
  },
  types: { check: { ...filled, wants: "a file name such as 'vite-entries.d.ts'" } },
  compress: { check: flag, default: false },
  keep: {
    check: notEmpty(
      membersOf(keepTable, 'an object of builds and days, such as { builds: 3, days: 7 }'),
    ),
  },
} satisfies OptionTable<BackendOptions>

function notEmpty(check: Check): Check {
  return {
    ...check,
    accepts: (value) => check.accepts(value) && Object.keys(value as object).length > 0,
  }
}

/**
 * @throws ConnectViteError `ERR_OPTION` for a name that does not exist, or a value of the wrong type
 */
export function checkBackendOptions(options: unknown): asserts options is BackendOptions {
  checkOptions('backend()', options, backendTable)
}
