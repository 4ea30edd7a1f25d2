// The one scan of a build directory: which files lie in it, where they really are, how big and how old they are.
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { sep } from 'node:path'
import { ConnectViteError } from '../errors.js'
import type { Logger } from '../logger.js'
import { slashed } from '../paths.js'

/** The marks by which a later look at a file tells that it changed. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
}

export interface FileOnDisk extends Stamp {
  /** Without links. */
  readonly path: string
  /** The end of `path` that lies below the scanned directory, with `/`. */
  readonly real: string
}

export interface ScannedFile extends FileOnDisk {
  /** Relative to the directory, with `/`: another name than `real` where a link leads to the file. */
  readonly file: string
}

/** What lies in a build directory, without dotfiles (save `.well-known/`) and what no link inside it leads to. */
export interface Scan {
  readonly files: ReadonlyMap<string, ScannedFile>
  /** Directories that hold a build of their own, such as `server/`: relative, with `/` at the end. */
  readonly nestedBuilds: readonly string[]
  /** What was left out, and why. */
  readonly skipped: ReadonlyMap<string, string>
}

/** Any segment that begins with a dot, save `.well-known/` at the top (RFC 8615). */
const DOTTED = /^\.(?!well-known\/)|\/\./

/** Vite and the plugin write here what servers read. */
const OF_A_BUILD = '/.vite'

/**
 * Lists a build directory. Links are followed as long as they stay inside; what is neither file nor directory, and what
 * cannot be read, is left out.
 *
 * @throws ConnectViteError `ERR_BUILD_NOT_FOUND` where the directory itself cannot be read, or the machine fails
 */
export function scanDirectory(directory: string): Scan {
  const files = new Map<string, ScannedFile>()
  const nestedBuilds: string[] = []
  const skipped = new Map<string, string>()
  try {
    const root = realpathSync(directory)
    visit('', root, root, false)
  } catch (cause) {
    throw unreadable(directory, cause as Error)
  }
  return { files, nestedBuilds, skipped }

  function visit(prefix: string, inner: string, root: string, linked: boolean): void {
    // Names alone: the size of each file is wanted anyway, and with it comes what kind of thing it is.
    for (const name of readdirSync(inner)) {
      const reason = attempt(() => look(prefix + name, `${inner}${sep}${name}`, root, linked))
      if (reason !== undefined) skipped.set(prefix + name, reason)
    }
  }

  /** Takes in what is there, or tells why not. */
  function look(file: string, path: string, root: string, linked: boolean): string | undefined {
    const seen = lstatSync(path)
    if (DOTTED.test(seen.isFile() ? file : `${file}/`)) {
      // A stray `.git` costs nothing: directories with a dot are not looked into.
      if (file.endsWith(OF_A_BUILD)) nestedBuilds.push(file.slice(0, 1 - OF_A_BUILD.length))
      return undefined
    }
    if (/\p{Surrogate}/u.test(file)) return 'name that no URL can spell'
    if (seen.isFile()) add(file, path, root, seen)
    else if (seen.isDirectory()) visit(`${file}/`, path, root, linked)
    else if (seen.isSymbolicLink()) return follow(file, path, root, linked)
    else return 'neither file nor directory'
    return undefined
  }

  function follow(file: string, path: string, root: string, linked: boolean): string | undefined {
    const target = realpathSync(path)
    if (`${path}${sep}`.startsWith(`${target}${sep}`)) return 'link to a directory above it'
    if (!target.startsWith(`${root}${sep}`)) return 'link that leaves the directory'
    const stats = statSync(target)
    if (stats.isFile()) {
      add(file, target, root, stats)
    } else if (stats.isDirectory()) {
      // Links between directories could multiply without end: one is followed, those within it are not.
      if (linked) return 'directory link within a linked directory'
      visit(`${file}/`, target, root, true)
    } else {
      return 'link to neither file nor directory'
    }
    return undefined
  }

  function add(file: string, path: string, root: string, { size, mtimeMs }: Stats): void {
    const real = slashed(path.slice(root.length + 1))
    // A harmless name must not lead to a dotfile.
    if (real === file || !DOTTED.test(real)) files.set(file, { file, real, path, size, mtimeMs })
  }
}

/** One unreadable corner is no reason to serve nothing. A scan that lacks what was there a moment ago is worse. */
function attempt(action: () => string | undefined): string | undefined {
  try {
    return action()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    if (MACHINE_FAILURES.has(code)) throw error
    return { ENOENT: 'dangling link', ELOOP: 'link loop' }[code] ?? code
  }
}

/** No descriptor left, no memory, a disk or network volume that fails: then a scan cannot tell what is there. */
const MACHINE_FAILURES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])

function unreadable(directory: string, cause: NodeJS.ErrnoException): ConnectViteError {
  const failure = MACHINE_FAILURES.has(cause.code ?? '')
  return new ConnectViteError('ERR_BUILD_NOT_FOUND', {
    what: 'The build directory cannot be read.',
    lookedIn: directory,
    likelyCause: cause.message,
    remedy: failure
      ? 'Try again when the machine has recovered.'
      : 'Run `vite build`, or set `outDir` to where it writes.',
    cause,
  })
}

/** Warns once of everything that a scan left out. */
export function warnOfSkipped(directory: string, { skipped }: Scan, logger: Logger): void {
  if (skipped.size === 0) return
  const reasons = [...skipped].map(([file, reason]) => `${file} (${reason})`)
  const more = skipped.size > 5 ? ` and ${skipped.size - 5} more` : ''
  logger.warn(`Not served from ${directory}: ${reasons.slice(0, 5).join(', ')}${more}`)
}
