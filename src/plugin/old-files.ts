// Files of earlier builds in `outDir`: set aside while other plugins look, put back, removed. Nothing outside is touched.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { isBelow } from '../paths.js'

/** When a file was last written, as the file system itself keeps it: a copy cannot forge it. */
export function changedAt(outDir: string, file: string): number | undefined {
  return lstatSync(join(outDir, file), { throwIfNoEntry: false })?.ctimeMs
}

/** Beside `outDir`, where no listing of it shows them; inside where that is another file system or not ours to write. */
function placesFor(outDir: string): [beside: string, inside: string] {
  return [
    join(dirname(outDir), `.${basename(outDir)}-connect-vite-kept`),
    join(outDir, '.vite/kept'),
  ]
}

/** Moves the files away, each by one rename. {@link putBack} undoes it, in this process or in a later one. */
export function setAside(outDir: string, files: readonly string[]): void {
  const [beside, inside] = placesFor(outDir)
  let place = beside
  for (const file of files) {
    if (!liesInside(outDir, file)) continue
    try {
      move(join(outDir, file), join(place, file))
    } catch (error) {
      if (place === inside) throw error
      place = inside
      move(join(outDir, file), join(place, file))
    }
  }
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  renameSync(from, to)
}

/**
 * Moves back what was set aside, except where there is a newer file of that name.
 *
 * @returns what was moved
 */
export function putBack(outDir: string): string[] {
  return placesFor(outDir).flatMap((place) => {
    const files = filesBelow(place).filter((file) => changedAt(outDir, file) === undefined)
    for (const file of files) move(join(place, file), join(outDir, file))
    rmSync(place, { recursive: true, force: true })
    return files
  })
}

function filesBelow(directory: string, prefix = ''): string[] {
  if (lstatSync(join(directory, prefix), { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((item) => {
    const path = posix.join(prefix, item.name)
    return item.isDirectory() ? filesBelow(directory, path) : [path]
  })
}

/** Removes the files, and the directories that are empty without them. */
export function remove(outDir: string, files: readonly string[]): void {
  const directories = new Set<string>()
  for (const file of files) {
    if (!liesInside(outDir, file)) continue
    rmSync(join(outDir, file), { force: true })
    for (let up = posix.dirname(file); up !== '.'; up = posix.dirname(up)) directories.add(up)
  }
  // Deepest first; one that still holds something stays.
  for (const directory of [...directories].sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(join(outDir, directory))
    } catch {}
  }
}

/** Whether a file lies in `outDir` and is not reached through a link that leads out of it. */
function liesInside(outDir: string, file: string): boolean {
  if (!isBelow(outDir, join(outDir, file))) return false
  try {
    const [root, parent] = [realpathSync(outDir), realpathSync(dirname(join(outDir, file)))]
    return parent === root || isBelow(root, parent)
  } catch {
    return false
  }
}
