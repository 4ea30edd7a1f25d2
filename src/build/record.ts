// Reads what `connect-vite/plugin` recorded at build, and finds the build that it was recorded for.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { directoriesToSearch } from './directories-to-search.js'
import { parseRecord } from './parse-record.js'
import { type BuildRecord, RECORD_FILE } from './types.js'

/**
 * The record of the build in `outDir`, or `undefined` where the plugin was not used.
 *
 * @throws ConnectViteError `ERR_MANIFEST_INVALID` when it is not JSON, or not a record
 */
export function readRecord(outDir: string): BuildRecord | undefined {
  const file = join(outDir, RECORD_FILE)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw invalid(
      file,
      `The record of the build cannot be read: ${(error as Error).message}.`,
      error,
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw invalid(file, 'The record of the build is not JSON.', error)
  }
  return parseRecord(json, file)
}

function invalid(file: string, what: string, cause: unknown): ConnectViteError {
  return new ConnectViteError('ERR_MANIFEST_INVALID', {
    what,
    lookedIn: file,
    likelyCause: 'a build or a copy was interrupted, or the file was edited',
    remedy: 'Build again (vite build).',
    cause,
  })
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

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

/** A record only counts where it was written: a copy elsewhere is an older build, or another app's. */
function isBuildOf(root: string, directory: string): boolean {
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
