// Where the build of a Vite root is: a bounded search below it, and below the package that it belongs to.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readRecord } from './record.js'
import { RECORD_FILE } from './types.js'

/**
 * Where the plugin recorded a client build of `root`, or `undefined`. Looks at most two directories deep,
 * below `root` or, where `root` is a folder of a package, below that package. `dist` comes first, then the newest.
 */
export function findRecordedOutDir(root: string): string | undefined {
  const usual = join(root, 'dist')
  if (isBuildOf(root, usual)) return usual
  for (const directories of directoriesToSearch(root)) {
    const found = directories.filter((directory) => isBuildOf(root, directory))
    if (found.length > 0) return found.sort(byPreference)[0]
  }
  return undefined
}

/** Whether the plugin recorded this very build: a copy elsewhere is an older build, or another app's. */
export function isBuildOf(root: string, directory: string): boolean {
  if (!existsSync(join(directory, RECORD_FILE))) return false
  try {
    const record = readRecord(directory)
    return record !== undefined && resolve(root, record.outDir) === resolve(directory)
  } catch {
    // A broken record elsewhere must not stop an app that does not mean it; in `dist` it is read, and refused, later.
    return false
  }
}

function byPreference(a: string, b: string): number {
  const dist = Number(basename(b) === 'dist') - Number(basename(a) === 'dist')
  return dist || recordedAt(b) - recordedAt(a)
}

function recordedAt(directory: string): number {
  return statSync(join(directory, RECORD_FILE), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** How far down: `dist`, `dist/client`. */
const DEPTH = 2
/** A bound for the look into a huge directory; every real project is far below. */
const MOST_DIRECTORIES = 5000

/**
 * Directories that may hold a build, those below `root` first, then those below its package
 * (`root: 'client'`, `outDir: '../dist'`). Lazy: the second look is only taken where it is needed.
 */
export function* directoriesToSearch(root: string): Generator<string[]> {
  yield directoriesBelow(root)
  const home = packageOf(root)
  if (home !== undefined && home !== resolve(root)) yield directoriesBelow(home)
}

/** The package that `root` belongs to: itself, or up to three directories above. */
function packageOf(root: string): string | undefined {
  let directory = resolve(root)
  for (let up = 0; up <= 3; up++) {
    if (existsSync(join(directory, 'package.json'))) return directory
    directory = dirname(directory)
  }
  return undefined
}

function directoriesBelow(start: string): string[] {
  const found: string[] = []
  let level = [start]
  for (let depth = 0; depth < DEPTH; depth++) {
    level = level.flatMap((directory) =>
      found.length < MOST_DIRECTORIES ? subdirectories(directory) : [],
    )
    found.push(...level)
  }
  return found
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((item) => item.isDirectory() && item.name !== 'node_modules' && item.name[0] !== '.')
      .map((item) => join(directory, item.name))
  } catch {
    return []
  }
}
