// Tables of options: what each may be, its default, and the error for a value or a name that cannot be meant.
import { inspect } from 'node:util'
import leven from 'leven'
import { ConnectViteError } from './errors.js'

/** One test of a value, and how a message says what it accepts. */
export interface Check {
  /** Follows "Use …": `a string`, `a number of seconds, such as 86400`. */
  readonly wants: string
  accepts(value: unknown): boolean
  /** Of an object of options: their table. */
  readonly members?: OptionTable | undefined
  /** Of a number: what it counts. */
  readonly unit?: string
}

/** What is known of one option. */
export interface Option<Value = unknown> {
  readonly check: Check
  /** The value of an option that is left out, where it is a constant. */
  readonly default?: Value
  /** The modes that heed the option; absent: all of them. */
  readonly modes?: readonly string[]
  /** `false`: the option does not decide what is made, so it is left out of {@link keyOf}. */
  readonly key?: false
}

/** One line for each option. `satisfies OptionTable<Options>` makes the compiler see that none is missing. */
export type OptionTable<Options = Record<string, unknown>> = {
  readonly [Name in keyof Options]-?: Option<Options[Name]>
}

/**
 * Checks every name and every value.
 *
 * @param caller what the options were given to, such as `ssr()`
 * @throws ConnectViteError `ERR_OPTION`
 */
export function checkOptions(caller: string, options: unknown, table: OptionTable): void {
  if (!isTable(options)) {
    throw new ConnectViteError('ERR_OPTION', {
      what: `${caller} takes an object of options, not ${show(options)}.`,
      remedy: 'Give it an object such as { }, or leave it out for the defaults.',
    })
  }
  checkMembers(caller, options, table, '')
}

function checkMembers(
  caller: string,
  options: Record<string, unknown>,
  table: OptionTable,
  path: string,
): void {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(table, name) ? table[name] : undefined
    if (!option) throw unknownOption(caller, path, name, Object.keys(table))
    const { accepts, members, wants } = option.check
    if (value === undefined || accepts(value)) continue
    // The error of a member names that member, not the whole object.
    if (members && isTable(value)) checkMembers(caller, value, members, `${path}${name}.`)
    throw new ConnectViteError('ERR_OPTION', {
      what: `The option '${path}${name}' of ${caller} cannot be ${show(value)}.`,
      remedy: `Use ${wants}, or leave it out for the default.`,
    })
  }
}

function unknownOption(
  caller: string,
  path: string,
  name: string,
  known: readonly string[],
): ConnectViteError {
  const near = nearest(name, known, 1)
  return new ConnectViteError('ERR_OPTION', {
    what: `${caller} has no option '${path}${name}'.`,
    didYouMean: near.map((option) => `'${path}${option}'`),
    remedy: near.length > 0 ? undefined : `Options are ${known.map((it) => path + it).join(', ')}.`,
  })
}

/**
 * The same text for options that make the same thing, from the table, so that no option can be forgotten;
 * `undefined` where a value (a function, an object) cannot be compared by its text. An empty text: nothing was given.
 */
export function keyOf(options: object, table: OptionTable): string | undefined {
  const given = options as Record<string, unknown>
  let key = ''
  for (const name in table) {
    const value = given[name]
    if (value === undefined || table[name]!.key === false) continue
    if (![value].flat().every((item) => Object(item) !== item)) return undefined
    key += `${name}:${JSON.stringify(value)}\n`
  }
  return key
}

/** Up to `most` of the `candidates` that are near enough to `name` to be what was meant, nearest first. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase()
  // A third of the letters may be wrong: `outdir` finds `outDir`, `foo` does not find `base`.
  const limit = Math.max(2, Math.floor(wanted.length / 3))
  const near: { candidate: string; distance: number }[] = []
  for (const candidate of candidates) {
    const distance = leven(wanted, candidate.toLowerCase(), { maxDistance: limit + 1 })
    if (distance <= limit) near.push({ candidate, distance })
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** A value as a message prints it. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 })
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const text: Check = {
  wants: 'a string',
  accepts: (value) => typeof value === 'string',
}
export const filled: Check = {
  wants: 'a string that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
}
export const flag: Check = {
  wants: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}
export const fn: Check = {
  wants: 'a function',
  accepts: (value) => typeof value === 'function',
}
export const object: Check = { wants: 'an object', accepts: isTable }

/** A number from `least` to `most`. */
export const amountOf = (
  unit: string,
  example: number,
  { least = 0, most = Number.MAX_VALUE } = {},
): Check => ({
  wants: `a number of ${unit}, such as ${example}`,
  unit,
  accepts: (value) => typeof value === 'number' && value >= least && value <= most,
})
export const oneOf = (...values: readonly unknown[]): Check => ({
  wants: `one of ${values.map((value) => inspect(value)).join(', ')}`,
  accepts: (value) => values.includes(value),
})
/** An array, which may be empty. */
export const anyOf = (item: Check): Check => ({
  wants: `an array, each item ${item.wants}`,
  accepts: (value) => Array.isArray(value) && value.every(item.accepts),
})
/** An array of at least one item. */
export const listOf = (item: Check): Check => ({
  wants: `an array, each item ${item.wants}`,
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(item.accepts),
})
export const either = (...checks: readonly Check[]): Check => ({
  wants: checks.map(({ wants }) => wants).join(', or '),
  accepts: (value) => checks.some(({ accepts }) => accepts(value)),
  members: checks.find(({ members }) => members)?.members,
})
/** An object of options that have a table of their own. */
export const membersOf = (members: OptionTable, wants?: string): Check => ({
  wants: wants ?? `an object of ${Object.keys(members).join(', ')}`,
  members,
  accepts: (value) =>
    isTable(value) &&
    Object.entries(value).every(
      ([name, inner]) =>
        Object.hasOwn(members, name) &&
        (inner === undefined || members[name]!.check.accepts(inner)),
    ),
})
