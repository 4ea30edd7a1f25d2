// Where the build of a Vite root is: a bounded search below it, and below the package that it belongs to.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readRecord } from './record.js'
import { RECORD_FILE } from './types.js'

/** Where the newest client build of `root` is that the plugin recorded, or `undefined`. */
export function findRecordedOutDir(root: string): string | undefined {
  return recordedOutDirs(root)[0]
}

/**
 * Every directory with a recorded client build of `root`, the newest first; of two that are equally new, as after a copy,
 * `dist`. Looks at most two directories deep, below `root` and, where `root` is a folder of a package, below that package.
 */
export function recordedOutDirs(root: string): string[] {
  // `dist` may be a link, as deployments have it.
  const directories = new Set([join(root, 'dist'), ...[...directoriesToSearch(root)].flat()])
  return [...directories]
    .filter((directory) => isBuildOf(root, directory))
    .sort((a, b) => recordedAt(b) - recordedAt(a) || isUsual(b) - isUsual(a))
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

function isUsual(directory: string): number {
  return Number(basename(directory) === 'dist')
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
 * (`root: 'client'`, `outDir: '../dist'`).
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
