// Which files of a build directory are public, which of them never change, and which have compressed siblings.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { CODINGS, type Coding } from '../codings.js'
import { type BuiltDelta, readDeltas } from './built-deltas.js'
import { hashedNames, hashIn } from './hashed-names.js'
import type { FileOnDisk, Scan, ScannedFile, Stamp } from './scan.js'
import { type DirectoryFacts, serverFiles } from './server-files.js'

/** A precompressed sibling. */
export interface Precompressed extends FileOnDisk {
  readonly coding: Coding
}

/** A public file. */
export interface ServedFile extends ScannedFile {
  /** Its content never changes under this name. */
  readonly immutable: boolean
  /** Stays available when a later build lacks it: the name carries a hash, or looks like that. */
  readonly kept: boolean
  /** The part of the name that changes with the content, where it is known. */
  readonly hash: string | undefined
  /** Siblings that are smaller than the file, and made of this version. */
  readonly encodings: readonly Precompressed[]
  /** Differences to the build before that the build made; `undefined` where it makes none. */
  readonly deltas?: readonly BuiltDelta[] | undefined
}

/** Rules about the files of one directory; names are relative to it, with `/`. */
export interface ServingRules {
  /** Not public: what is for servers alone, and hidden source maps. */
  hidden(file: string): boolean
  /** The content never changes under this name. */
  immutable(file: string): boolean
  /** The name carries a hash, or looks like that. */
  kept(file: string): boolean
  /** The part of a file's name that changes with its content, where the build put one there. */
  hash(file: string): string | undefined
  deltas?(file: string): readonly BuiltDelta[] | undefined
}

/** The public files of a scan by name, the newest first. */
export function servedFiles(
  { files }: Scan,
  { hidden, immutable, kept, hash, deltas }: ServingRules,
) {
  const served = new Map<string, ServedFile & { encodings: Precompressed[] }>()
  const siblings: { sibling: ScannedFile; original: string; coding: Coding }[] = []
  for (const scanned of [...files.values()].sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    const { file, real, path, size, mtimeMs } = scanned
    // By all names that lead to it: a link with a harmless name must not lead to a hidden file.
    if (hidden(file) || (real !== file && hidden(real))) continue
    const coding = codingByExtension.get(file.slice(file.lastIndexOf('.')))
    const original = coding && file.slice(0, -coding.extension.length)
    if (original !== undefined && (files.has(original) || hidden(original))) {
      siblings.push({ sibling: scanned, original, coding: coding! })
    } else {
      const never = immutable(file)
      served.set(file, {
        file,
        real,
        path,
        size,
        mtimeMs,
        immutable: never,
        kept: never || kept(file),
        hash: hash(file),
        encodings: [],
        deltas: deltas?.(file),
      })
    }
  }
  for (const { sibling, original, coding } of siblings) {
    const of = served.get(original)
    if (of && isFit(sibling, of, of.immutable)) of.encodings.push({ ...sibling, coding })
  }
  return served as ReadonlyMap<string, ServedFile>
}

const codingByExtension = new Map(CODINGS.map((coding) => [coding.extension, coding]))

/**
 * Whether a precompressed file can stand for its original: made of this version, and worth it. With a hash in the name
 * there is only one version, and a copy (a checkout, an upload) may have left the sibling older.
 */
export function isFit(sibling: Stamp, original: Stamp, immutable: boolean): boolean {
  return sibling.size < original.size && (immutable || sibling.mtimeMs >= original.mtimeMs)
}

export function servingRules(facts: DirectoryFacts): ServingRules {
  const { outDir, chunks, listed, record } = facts
  const isForServers = serverFiles(facts)
  const recorded = record && new Set(record.hashed)
  const { certain, likely } = recorded
    ? { certain: recorded, likely: recorded }
    : hashedNames(chunks, listed)
  const deltas = record && readDeltas(outDir)
  const isHiddenMap = (file: string) =>
    record ? record.sourcemap === 'hidden' : isUnnamedMap(outDir, file)

  return {
    hidden: (file) => isForServers(file) || (file.endsWith('.map') && isHiddenMap(file)),
    immutable: (file) => certain.has(file),
    kept: (file) => likely.has(file),
    hash: (file) => record?.hashes?.[file] ?? (certain.has(file) ? hashIn(file) : undefined),
    deltas: (file) => deltas && (deltas.get(file) ?? []),
  }
}

/** The comment that names a source map is the last thing in a file, and as long as a file's name. */
const TAIL = 512

/** Without the plugin's record: a map that the script or stylesheet beside it does not name was made `hidden`. */
function isUnnamedMap(outDir: string, map: string): boolean {
  return !tailOf(resolve(outDir, map.slice(0, -'.map'.length))).includes('sourceMappingURL=')
}

function tailOf(path: string): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(TAIL)
    const start = Math.max(0, fstatSync(descriptor).size - TAIL)
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, TAIL, start))
  } catch {
    return ''
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
