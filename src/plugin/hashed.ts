// Files of a bundle with a content hash in the name: those that the output's naming patterns gave one.
import { basename, extname } from 'node:path/posix'

/** `assets/[name]-[hash].js`, or a function that returns such. */
type Pattern = string | ((info: never) => string) | undefined

/** The naming options of one output: the bundle's own, or the workers'. */
export interface NamingPatterns {
  entryFileNames?: Pattern
  chunkFileNames?: Pattern
  assetFileNames?: Pattern
}

/** The part of a Rollup or Rolldown output file that is looked at. */
export interface OutputFile {
  type: 'chunk' | 'asset'
  fileName: string
  name?: string | undefined
  /** Assets; Rollup 4.20 and later. */
  names?: readonly string[] | undefined
  isEntry?: boolean | undefined
}

/** File name → the hash in it; empty where it has one at a place that the pattern does not tell. */
export type HashedFiles = Map<string, string>

/**
 * A file that was emitted with an explicit `fileName` (an import map, a service worker) has no hash, whichever
 * pattern says, so the pattern is compared with the name that the file was given. Vite emits the files of a
 * worker's bundle with an explicit name, so those are known by that bundle: `ofWorkers`.
 */
export function hashedFiles(
  files: Iterable<OutputFile>,
  patterns: NamingPatterns,
  ofWorkers: ReadonlyMap<string, string> = new Map(),
): HashedFiles {
  const hashed: HashedFiles = new Map()
  for (const file of files) {
    const { fileName } = file
    if (fileName.endsWith('.map')) continue
    const pattern = patternOf(file, patterns)
    const hash = ofWorkers.get(fileName) ?? (pattern && hashByPattern(file, pattern))
    if (hash !== undefined) hashed.set(fileName, hash)
  }
  return hashed
}

function hashByPattern(file: OutputFile, pattern: string): string | undefined {
  for (const name of namesOf(file)) {
    const hash = hashIn(file.fileName, pattern, name)
    if (hash !== undefined) return hash
  }
  return undefined
}

function patternOf(file: OutputFile, patterns: NamingPatterns): string | undefined {
  const { entryFileNames, chunkFileNames, assetFileNames } = patterns
  const pattern =
    file.type === 'asset' ? assetFileNames : file.isEntry ? entryFileNames : chunkFileNames
  if (typeof pattern !== 'function') return pattern
  try {
    return (pattern as (info: OutputFile) => string)(file)
  } catch {
    // A function that wants more than the output knows: then no file of its kind counts as hashed.
    return undefined
  }
}

function namesOf({ type, name, names }: OutputFile): string[] {
  const given = (names?.length ? names : [name]).filter((item) => item !== undefined)
  if (type === 'chunk') return given
  return given.flatMap((item) => {
    const stem = item.slice(0, item.length - extname(item).length)
    return [stem, basename(stem)]
  })
}

/** What a placeholder may stand for: from each position where the part may begin, all positions where it may end. */
type Step = (file: string, from: ReadonlySet<number>) => Set<number>

/** The hash that stands for `[hash]`, in a name that is otherwise known. */
interface Part {
  readonly step: Step
  readonly isHash?: true
}

/**
 * The hash in `file`, if that is what `pattern` makes of `name`; empty where the pattern has hashes of several lengths.
 * All possible positions go through the pattern together, so the time grows with the length of both and no name can make
 * it explode, as it could with a RegExp.
 */
function hashIn(file: string, pattern: string, name: string): string | undefined {
  if (!pattern.includes('[hash')) return undefined
  const parts = pattern.split(/(\[\w+(?::\d+)?\])/).flatMap((part) => partsOf(part, name))
  const starts = [new Set([0])]
  for (const { step } of parts) starts.push(step(file, starts.at(-1)!))
  if (!starts.at(-1)!.has(file.length)) return undefined

  // Back from the end, by any way that leads there.
  const found = new Set<string>()
  let end = file.length
  for (let index = parts.length - 1; index >= 0; index--) {
    const { step, isHash } = parts[index]!
    const start = [...starts[index]!].find((at) => step(file, new Set([at])).has(end))!
    if (isHash) found.add(file.slice(start, end))
    end = start
  }
  return found.size === 1 ? [...found][0] : ''
}

function partsOf(part: string, name: string): Part[] {
  const [, word, length = '8'] = /^\[(\w+)(?::(\d+))?\]$/.exec(part) ?? []
  switch (word) {
    case undefined:
      return [{ step: literal(part) }]
    case 'name':
      return named(name).map((step) => ({ step }))
    case 'hash':
      return [{ step: exactly(Number(length), /[\w-]/), isHash: true }]
    case 'extname':
      return [{ step: optional([literal('.'), run(/[^./]/, 1)]) }]
    default:
      return [{ step: run(/[^./]/, 0) }]
  }
}

/** Bundlers replace characters that file names cannot have, each bundler by other rules. */
function named(name: string): Step[] {
  return name
    .split(/([^\w/-]+)/)
    .map((text, index) => (index % 2 === 0 || text === '.' ? literal(text) : run(/./s, 1)))
}

function literal(text: string): Step {
  return (file, from) =>
    new Set([...from].filter((at) => file.startsWith(text, at)).map((at) => at + text.length))
}

function exactly(length: number, character: RegExp): Step {
  return (file, from) =>
    new Set(
      [...from]
        .map((at) => at + length)
        .filter(
          (end) =>
            end <= file.length &&
            [...file.slice(end - length, end)].every((c) => character.test(c)),
        ),
    )
}

/** `least` or more such characters. One sweep over the file, for any number of positions. */
function run(character: RegExp, least: 0 | 1): Step {
  return (file, from) => {
    const ends = new Set(least === 0 ? from : [])
    let inside = false
    for (let at = 0; at < file.length; at++) {
      inside = (inside || from.has(at)) && character.test(file.charAt(at))
      if (inside) ends.add(at + 1)
    }
    return ends
  }
}

function optional(steps: readonly Step[]): Step {
  return (file, from) =>
    new Set([...from, ...steps.reduce((positions, step) => step(file, positions), from)])
}
