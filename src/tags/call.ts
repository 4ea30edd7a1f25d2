// Reads the arguments of the three template functions, and what template engines add to them.
import { inspect } from 'node:util'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
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
  readonly nonce: string | undefined
  /** Equal for calls that ask for the same; `undefined` when the call gives attributes of its own. */
  readonly key: string | undefined
}

const KINDS: readonly unknown[] = ['style', 'script', 'preload'] satisfies TagKind[]
const PLACES: readonly unknown[] = ['tag', 'header', 'both', false] satisfies PreloadPlace[]

const isObject = (value: unknown) => typeof value === 'object' && value !== null

/** What each option of a call may be, in words and as a test. */
const CHECKS: Record<keyof TagOptions, { wants: string; accepts(value: unknown): boolean }> = {
  only: {
    wants: "'style', 'script', 'preload' or an array of them",
    accepts: (value) => [value].flat().every((kind) => KINDS.includes(kind)),
  },
  attributes: {
    wants: 'an object of script, style and preload attributes, or a function',
    accepts: (value) =>
      typeof value === 'function' ||
      (isObject(value) && Object.keys(value as object).every((kind) => KINDS.includes(kind))),
  },
  nonce: { wants: 'a string', accepts: (value) => typeof value === 'string' },
  preload: {
    wants: "'tag', 'header', 'both' or false",
    accepts: (value) => PLACES.includes(value),
  },
  prefetch: { wants: 'true or false', accepts: (value) => typeof value === 'boolean' },
}
const KNOWN = Object.keys(CHECKS)

/**
 * @throws ConnectViteError `ERR_OPTION` for an entry that is no string, or an option of the wrong type
 */
export function parseCall(entries: unknown, extra: unknown, settings: CommonSettings): Call {
  const list = entriesOf(entries)
  const options = optionsOf(extra)
  const {
    only,
    attributes,
    nonce,
    preload = settings.preload,
    prefetch = settings.prefetch,
  } = options
  return {
    entries: list,
    request: { attributes, prefetch },
    only: only === undefined ? undefined : [only].flat(),
    preload,
    nonce,
    key: attributes === undefined ? keyOf(entries, options) : undefined,
  }
}

/** The plain call is the frequent one: its key is at hand. No file's name begins with a NUL byte. */
function keyOf(entries: unknown, { only, preload, prefetch }: TagOptions): string {
  return typeof entries === 'string' && (only ?? preload ?? prefetch) === undefined
    ? entries
    : `\0${JSON.stringify([entries, only, preload, prefetch])}`
}

function entriesOf(entries: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(entries) ? [...entries] : [entries]
  if (list.every((entry): entry is string => typeof entry === 'string' && entry !== '')) return list
  throw new ConnectViteError('ERR_OPTION', {
    what: `viteTags() takes the name of an entry, or an array of names, not ${inspect(entries, { depth: 0 })}.`,
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
    what: `${caller}() takes the path of a file, not ${inspect(path, { depth: 0 })}.`,
    likelyCause: 'a template variable that is not set',
    remedy: "Call it with a source file such as 'src/logo.svg'.",
  })
}

const NONE: TagOptions = Object.freeze({})

/** By this key Nunjucks knows the object that it makes of `viteTags('a.ts', only='style')`. */
const NUNJUCKS = '__keywords'

/**
 * Handlebars passes an object of its own behind the arguments, with what the template wrote in `hash`;
 * `entries.map(viteTags)` passes an index. Only a plain object of our keys is meant for us.
 */
function optionsOf(extra: unknown): TagOptions {
  if (extra === undefined) return NONE
  const given = plainObject(plainObject(extra)?.hash) ?? plainObject(extra)
  if (!given) return NONE
  const { [NUNJUCKS]: _, ...options } = given
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(CHECKS, key))
  if (unknown !== undefined) {
    const near = nearest(unknown, KNOWN, 1)[0]
    if (near) throw refused(`has no option '${unknown}'`, `Did you mean '${near}'?`)
    return NONE
  }
  for (const key of KNOWN as (keyof TagOptions)[]) {
    const value = options[key]
    if (value === undefined || CHECKS[key].accepts(value)) continue
    throw refused(
      `cannot take ${inspect(value, { depth: 0 })} as '${key}'`,
      `Set it to ${CHECKS[key].wants}.`,
    )
  }
  return options
}

function plainObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  // A template that runs in a context of its own has an Object.prototype of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
    ? (value as Record<string, unknown>)
    : undefined
}

function refused(fault: string, remedy: string): ConnectViteError {
  return new ConnectViteError('ERR_OPTION', {
    what: `viteTags() ${fault}.`,
    remedy,
  })
}
