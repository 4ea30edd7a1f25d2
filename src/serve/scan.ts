// What a build directory holds, read once and synchronously at start-up: the closed world that is served.
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { sep } from 'node:path'
import { isMachineFailure } from '../build/disk.js'
import type { Logger } from '../logger.js'
import { CODINGS, type Coding } from './codings.js'

/** The marks by which a later look at a file tells that it changed. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
}

export interface FileOnDisk extends Stamp {
  readonly path: string
}

/** A precompressed sibling. */
export interface Precompressed extends FileOnDisk {
  readonly coding: Coding
}

export interface ScannedFile extends FileOnDisk {
  /** Relative to the directory, with `/`. */
  readonly file: string
  /** Siblings that are smaller than the file, and not older. */
  readonly encodings: readonly Precompressed[]
}

export interface ScanOptions {
  /** Whether a file, relative with `/`, is kept from the web. Dotfiles are, without asking. */
  hidden(file: string): boolean
  logger: Logger
}

/** Any segment that begins with a dot, save `.well-known/` at the top (RFC 8615). */
const DOTTED = /^\.(?!well-known\/)|\/\./

/**
 * Every file under `dir` that may be served. Links are followed as long as they stay inside; what is neither file nor
 * directory, and what cannot be read, is left out with one warning for all.
 *
 * @throws as `fs.readdirSync` does where `dir` itself cannot be read
 */
export function scanDirectory(dir: string, { hidden, logger }: ScanOptions): ScannedFile[] {
  const skipped: string[] = []
  const root = realpathSync(dir)
  const found = walk(root, skipped)
  if (skipped.length > 0) logger.warn(warning(dir, skipped))

  const isHidden = (file: string) => DOTTED.test(file) || hidden(file)
  const files: ScannedFile[] = []
  for (const scanned of found.values()) {
    const { file, path } = scanned
    // By whatever links it was found: a harmless name must not lead to a hidden file.
    const real = withSlashes(path.slice(root.length + 1))
    if (isHidden(file) || (real !== file && isHidden(real))) continue

    const coding = CODINGS.find(({ extension }) => file.endsWith(extension))
    const original = file.slice(0, -(coding?.extension.length ?? 0))
    if (coding === undefined || !(found.has(original) || isHidden(original))) {
      files.push(scanned)
    } else if (isFit(scanned, found.get(original))) {
      found.get(original)?.encodings.push({ ...scanned, coding })
    }
  }
  return files
}

/** Whether a precompressed file can stand for its original: made of this version, and worth it. */
export function isFit(sibling: Stamp, original: Stamp | undefined): boolean {
  return (
    original !== undefined && sibling.mtimeMs >= original.mtimeMs && sibling.size < original.size
  )
}

function withSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

/** A file to which its encodings are still to be added. */
interface Found extends ScannedFile {
  readonly encodings: Precompressed[]
}

/** All files by name, with their real paths. Tells in `skipped` what can't be one. */
function walk(root: string, skipped: string[]): Map<string, Found> {
  const found = new Map<string, Found>()
  visit('', root, false)
  return found

  function visit(prefix: string, directory: string, linked: boolean): void {
    // Names alone: the size of each file is wanted anyway, and with it comes what kind of thing it is.
    for (const name of readdirSync(directory)) {
      const reason = attempt(() => look(prefix + name, `${directory}${sep}${name}`, linked))
      if (reason !== undefined) skipped.push(`${prefix}${name} (${reason})`)
    }
  }

  /** Takes in what is there, or tells why not. */
  function look(file: string, path: string, linked: boolean): string | undefined {
    const seen = lstatSync(path)
    // Dot directories are left alone, so that a stray `.git` costs nothing. Dotfiles are weeded out later.
    if (!seen.isFile() && DOTTED.test(`${file}/`)) return undefined
    if (/\p{Surrogate}/u.test(file)) {
      return 'name that no URL can spell'
    } else if (seen.isFile()) {
      add(file, path, seen)
    } else if (seen.isDirectory()) {
      visit(`${file}/`, path, linked)
    } else if (seen.isSymbolicLink()) {
      const target = realpathSync(path)
      if (`${path}${sep}`.startsWith(`${target}${sep}`)) return 'link to a directory above it'
      if (!target.startsWith(`${root}${sep}`)) return 'link that leaves the directory'
      const stats = statSync(target)
      if (stats.isFile()) {
        add(file, target, stats)
      } else if (stats.isDirectory()) {
        // Links between directories could multiply without end: one is followed, those within it are not.
        if (linked) return 'directory link within a linked directory'
        visit(`${file}/`, target, true)
      } else {
        return 'link to neither file nor directory'
      }
    } else {
      return 'neither file nor directory'
    }
    return undefined
  }

  function add(file: string, path: string, { size, mtimeMs }: Stats): void {
    found.set(file, { file, path, size, mtimeMs, encodings: [] })
  }
}

/** One unreadable corner is no reason to serve nothing. A table that lacks what was there a moment ago is worse. */
function attempt(action: () => string | undefined): string | undefined {
  try {
    return action()
  } catch (error) {
    if (isMachineFailure(error)) throw error
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return { ENOENT: 'dangling link', ELOOP: 'link loop' }[code] ?? code
  }
}

function warning(dir: string, skipped: readonly string[]): string {
  const shown = skipped.slice(0, 5).join(', ')
  const more = skipped.length > 5 ? ` and ${skipped.length - 5} more` : ''
  return `Not served from ${dir}: ${shown}${more}`
}
