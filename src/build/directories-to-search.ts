// Directories in which a build of a Vite root may lie: two levels below the root, then below its package.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

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
