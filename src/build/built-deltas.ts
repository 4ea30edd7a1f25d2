// Deltas that `connect-vite/plugin` made at build (RFC 9842): the index of them, in `.vite/`, which is never served.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from './read-json.js'
import type { FileOnDisk } from './scan.js'

/** Relative to `outDir`. There is one, perhaps an empty one, where each build makes deltas. */
export const DELTA_INDEX = '.vite/deltas.json'
/** Where they lie, relative to `outDir`. */
export const DELTA_DIRECTORY = '.vite/deltas'
export const DELTA_VERSION = 1

/** One line of the index. Digests are SHA-256 in base64url. */
export interface DeltaEntry {
  /** The file that it makes, relative to `outDir`. */
  file: string
  digest: string
  /** The digest of the file that the client needs. */
  dictionary: string
  /** Name in {@link DELTA_DIRECTORY}. */
  name: string
  size: number
}

/** One of them, ready to be read. */
export interface BuiltDelta extends FileOnDisk {
  readonly digest: string
  readonly dictionary: string
}

/** By file. `undefined` where there is no index that this release can read. */
export function readDeltas(outDir: string): ReadonlyMap<string, BuiltDelta[]> | undefined {
  const entries = readDeltaIndex(outDir)
  if (entries === undefined) return undefined
  const root = realpathSync(outDir)
  const byFile = new Map<string, BuiltDelta[]>()
  for (const { file, digest, dictionary, name, size } of entries) {
    const real = `${DELTA_DIRECTORY}/${name}`
    const delta = { path: join(root, real), real, size, mtimeMs: 0, digest, dictionary }
    byFile.set(file, [...(byFile.get(file) ?? []), delta])
  }
  return byFile
}

export function readDeltaIndex(outDir: string): DeltaEntry[] | undefined {
  try {
    const { value } = readJson(join(outDir, DELTA_INDEX), 'index of deltas')
    const { version, deltas } = value as { version?: unknown; deltas?: unknown }
    return version === DELTA_VERSION && Array.isArray(deltas) ? deltas.filter(isEntry) : undefined
  } catch {
    // Without it the server makes deltas itself, or sends the whole file.
    return undefined
  }
}

function isEntry(value: unknown): value is DeltaEntry {
  const { file, digest, dictionary, name, size } = (value ?? {}) as Partial<DeltaEntry>
  const isDigest = (text: unknown) => typeof text === 'string' && /^[\w-]{43}$/.test(text)
  return (
    typeof file === 'string' &&
    [digest, dictionary].every(isDigest) &&
    typeof name === 'string' &&
    /^[\w-]+\.dcz$/.test(name) &&
    Number.isInteger(size)
  )
}
