// Arguments of the three template functions, and what template engines add to them.
import { checkOptions, keyOf, nearest, type OptionTable, show } from '../check.js'
import { ConnectViteError } from '../errors.js'
import { callTable } from '../options/table.js'
import type { CommonSettings } from '../options/types.js'
import type { TagRequest } from './source.js'
import type { PreloadPlace, TagKind, TagOptions } from './types.js'

/** One call, complete. */
export interface Call {
  readonly entries: readonly string[]
  readonly request: TagRequest
  /** Kinds that are printed; `undefined` for all. */
  readonly only: readonly TagKind[] | undefined
  readonly preload: PreloadPlace
  /** Whether what belongs to the page is printed; `undefined`: as the rule says. */
  readonly page: boolean | undefined
  readonly nonce: string | undefined
  /** Equal for calls that ask for the same; `undefined` when the call gives attributes. */
  readonly key: string | undefined
}

const table: OptionTable<TagOptions> = callTable

/**
 * @param rendered whether `render()` asks, for what it has rendered
 * @throws ConnectViteError `ERR_OPTION` for an entry that is no string, or an option of the wrong type
 */
export function parseCall(
  entries: unknown,
  extra: unknown,
  settings: CommonSettings,
  rendered = false,
): Call {
  const list = entriesOf(entries)
  const options = rendered ? { page: false, ...optionsOf(extra) } : optionsOf(extra)
  const { only, attributes, nonce, preload = settings.preload, prefetch, page } = options
  return {
    entries: list,
    request: { attributes, prefetch, rendered },
    only: only === undefined ? undefined : [only].flat(),
    preload,
    page,
    nonce,
    key: callKey(rendered ? ['', entries] : entries, options),
  }
}

/** The plain call is the frequent one: its key is at hand. No file's name begins with a NUL byte. */
function callKey(entries: unknown, options: TagOptions): string | undefined {
  const key = options === NONE ? '' : keyOf(options, table)
  if (key === '' && typeof entries === 'string') return entries
  return key === undefined ? undefined : `\0${JSON.stringify(entries)}\n${key}`
}

function entriesOf(entries: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(entries) ? [...entries] : [entries]
  if (list.every((entry): entry is string => typeof entry === 'string' && entry !== '')) return list
  throw new ConnectViteError('ERR_OPTION', {
    what: `viteTags() takes the name of an entry, or an array of names, not ${show(entries)}.`,
    likelyCause: 'a template variable that is not set',
    remedy: "Call it with a source file such as 'src/main.ts'.",
  })
}

/**
 * @param caller what the function is called in templates
 * @throws ConnectViteError `ERR_OPTION` for a path that is no string
 */
export function parsePath(path: unknown, caller: string): string {
  if (typeof path === 'string' && path !== '') return path
  throw new ConnectViteError('ERR_OPTION', {
    what: `${caller}() takes the path of a file, not ${show(path)}.`,
    likelyCause: 'a template variable that is not set',
    remedy: "Call it with a source file such as 'src/logo.svg'.",
  })
}

const NONE: TagOptions = Object.freeze({})

/** Nunjucks marks the object that it makes of `viteTags('a.ts', only='style')` with this key. */
const NUNJUCKS = '__keywords'

/**
 * Handlebars appends its own object to the arguments, with the template's options in `hash`;
 * `entries.map(viteTags)` passes an index. Only a plain object of known keys counts as options.
 */
function optionsOf(extra: unknown): TagOptions {
  if (extra === undefined) return NONE
  const given = plainObject(plainObject(extra)?.hash) ?? plainObject(extra)
  if (!given) return NONE
  const { [NUNJUCKS]: _, ...options } = given
  const stray = Object.keys(options).find((name) => !Object.hasOwn(table, name))
  if (stray !== undefined && nearest(stray, Object.keys(table), 1).length === 0) return NONE
  checkOptions('viteTags()', options, table)
  return options
}

function plainObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  // A template that runs in another `vm` context has another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null
    ? (value as Record<string, unknown>)
    : undefined
}
