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
 * A file with an explicit `fileName` (an import map, a service worker) has no hash whatever the pattern says,
 * so the pattern is compared with the name that the file was given. Workers are emitted with an explicit name
 * after a separate bundle: there the pattern fits and the token has to look like a hash.
 */
export function hashedFiles(
  files: Iterable<OutputFile>,
  patterns: NamingPatterns,
  workers: readonly NamingPatterns[] = [],
): string[] {
  const inWorkers = workers.flatMap(({ entryFileNames, chunkFileNames, assetFileNames }) =>
    [entryFileNames, chunkFileNames, assetFileNames].filter((item) => typeof item === 'string'),
  )
  return [...files]
    .filter((file) => !file.fileName.endsWith('.map'))
    .filter((file) => {
      const pattern = patternOf(file, patterns)
      return (
        namesOf(file).some((name) => hashIn(file.fileName, pattern, name) !== undefined) ||
        [pattern, ...inWorkers].some((item) => looksRandom(hashIn(file.fileName, item)))
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

/** The hash in a file name, if the name is what the pattern makes (of `name`, or of any name). */
function hashIn(file: string, pattern: string | undefined, name?: string): string | undefined {
  if (!pattern?.includes('[hash')) return undefined
  const expression = pattern
    .split(/(\[\w+(?::\d+)?\])/)
    .map((part, index) => (index % 2 === 0 ? escaped(part) : placeholder(part, name)))
    .join('')
  return new RegExp(`^${expression}$`).exec(file)?.groups?.hash
}

function placeholder(part: string, name: string | undefined): string {
  const [, word, length = '8'] = /^\[(\w+)(?::(\d+))?\]$/.exec(part) ?? []
  switch (word) {
    case 'name':
      return name === undefined ? '.+?' : named(name)
    case 'hash':
      return `(?<hash>[\\w-]{${length}})`
    case 'extname':
      return '(?:\\.[^./]+)?'
    default:
      return '[^./]*'
  }
}

/** Bundlers replace characters that file names cannot have, each bundler by other rules. */
function named(name: string): string {
  return name.replace(/[^\w/-]+/g, (odd) => (odd === '.' ? '\\.' : '.+'))
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** `CKKKhCmz` and `a1b2c3d4`, not `polyfill`, `Settings` or `20241231`. */
function looksRandom(token: string | undefined): boolean {
  if (token === undefined) return false
  const letters = /[a-z]/i.test(token)
  const turns = token.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0
  return letters && (/\d/.test(token) || turns >= 3)
}
