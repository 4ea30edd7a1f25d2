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

/**
 * A file that was emitted with an explicit `fileName` (an import map, a service worker) has no hash, whatever the
 * pattern says, so the pattern is compared with the name that the file was given. Vite emits the files of a
 * worker's bundle with an explicit name, so those are known by that bundle: `ofWorkers`.
 */
export function hashedFiles(
  files: Iterable<OutputFile>,
  patterns: NamingPatterns,
  ofWorkers: ReadonlySet<string> = new Set(),
): string[] {
  return [...files]
    .filter((file) => !file.fileName.endsWith('.map'))
    .filter((file) => {
      const pattern = patternOf(file, patterns)
      return (
        ofWorkers.has(file.fileName) ||
        (pattern !== undefined &&
          namesOf(file).some((name) => carriesHash(file.fileName, pattern, name)))
      )
    })
    .map((file) => file.fileName)
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

/**
 * Whether `file` is what `pattern` makes of `name`, with a hash in it. All possible positions go through the pattern
 * together, so the time grows with the length of both and no name can make it explode, as it could with a RegExp.
 */
function carriesHash(file: string, pattern: string, name: string): boolean {
  if (!pattern.includes('[hash')) return false
  let positions = new Set([0])
  for (const part of pattern.split(/(\[\w+(?::\d+)?\])/)) {
    for (const step of stepsOf(part, name)) positions = step(file, positions)
  }
  return positions.has(file.length)
}

function stepsOf(part: string, name: string): Step[] {
  const [, word, length = '8'] = /^\[(\w+)(?::(\d+))?\]$/.exec(part) ?? []
  switch (word) {
    case undefined:
      return [literal(part)]
    case 'name':
      return named(name)
    case 'hash':
      return [exactly(Number(length), /[\w-]/)]
    case 'extname':
      return [optional([literal('.'), run(/[^./]/, 1)])]
    default:
      return [run(/[^./]/, 0)]
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

/** `least` or more such characters. One sweep over the file, whatever the number of positions. */
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
