// Which files of a build directory are public, which of them never change, and which have compressed siblings.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { CODINGS, type Coding } from '../codings.js'
import { below } from '../paths.js'
import { listedFiles } from './manifest.js'
import type { FileOnDisk, Scan, ScannedFile, Stamp } from './scan.js'
import { type BuildRecord, type Chunks, RECORD_FILE } from './types.js'

/** A precompressed sibling. */
export interface Precompressed extends FileOnDisk {
  readonly coding: Coding
}

/** A public file. */
export interface ServedFile extends ScannedFile {
  /** Its content never changes under this name. */
  readonly immutable: boolean
  /** The part of the name that changes with the content, where it is known. */
  readonly hash: string | undefined
  /** Siblings that are smaller than the file, and not older. */
  readonly encodings: readonly Precompressed[]
}

/** Rules about the files of one directory; names are relative to it, with `/`. */
export interface ServingRules {
  /** Not public: the manifest, the record, server builds, hidden source maps. */
  hidden(file: string): boolean
  /** The content never changes under this name. */
  immutable(file: string): boolean
  /** The part of a file's name that changes with its content, where the build put one there. */
  hash(file: string): string | undefined
}

/** The public files of a scan by name, the newest first. */
export function servedFiles(scan: Scan, { hidden, immutable, hash }: ServingRules) {
  const { files } = scan
  const served = new Map<string, ServedFile & { encodings: Precompressed[] }>()
  const siblings: { sibling: ScannedFile; original: string; coding: Coding }[] = []
  for (const scanned of [...files.values()].sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    const { file, real } = scanned
    // By all names that lead to it: a link with a harmless name must not lead to a hidden file.
    if (hidden(file) || (real !== file && hidden(real))) continue
    const coding = CODINGS.find(({ extension }) => file.endsWith(extension))
    const original = file.slice(0, -(coding?.extension.length ?? 0))
    if (coding !== undefined && (files.has(original) || hidden(original)))
      siblings.push({ sibling: scanned, original, coding })
    else {
      const facts = { immutable: immutable(file), hash: hash(file) }
      served.set(file, { ...scanned, ...facts, encodings: [] })
    }
  }
  for (const { sibling, original, coding } of siblings) {
    const of = served.get(original)
    if (isFit(sibling, of)) of?.encodings.push({ ...sibling, coding })
  }
  return served as ReadonlyMap<string, ServedFile>
}

/** Whether a precompressed file can stand for its original: made of this version, and worth it. */
export function isFit(sibling: Stamp, original: Stamp | undefined): boolean {
  return (
    original !== undefined && sibling.mtimeMs >= original.mtimeMs && sibling.size < original.size
  )
}

/** What is known of a build when its files are told apart. */
export interface DirectoryFacts {
  readonly root: string
  readonly outDir: string
  readonly scan: Scan
  readonly chunks: Chunks
  /** Absolute path of the manifest, where it is a file. */
  readonly manifest: string | undefined
  readonly record: BuildRecord | undefined
}

export function servingRules(facts: DirectoryFacts): ServingRules {
  const { root, outDir, scan, chunks, manifest, record } = facts
  const own = new Set([RECORD_FILE, manifest && below(outDir, manifest)])
  const servers = [...recordedServers(outDir, record, root), ...scan.nestedBuilds]
  const hashed = record ? new Set(record.hashed) : hashedFiles(chunks)
  const isHiddenMap = (file: string) =>
    record ? record.sourcemap === 'hidden' : isUnnamedMap(outDir, file)

  return {
    hidden: (file) =>
      own.has(file) ||
      servers.some((directory) => file.startsWith(directory)) ||
      (file.endsWith('.map') && isHiddenMap(file)),
    immutable: (file) => hashed.has(file),
    hash: (file) => record?.hashes?.[file] ?? (hashed.has(file) ? hashIn(file) : undefined),
  }
}

function recordedServers(outDir: string, record: BuildRecord | undefined, root: string): string[] {
  return Object.values(record?.servers ?? {}).flatMap((server) => {
    const inner = below(outDir, resolve(root, server.outDir))
    return inner === undefined ? [] : [`${inner}/`]
  })
}

/** Eight characters before the extension, as Rollup and Rolldown write them unless told otherwise. */
const HASH = /(?:^|[/._-])([\w-]{8})\.[^./]+$/

/** The hash in a file name of the usual pattern. */
export function hashIn(file: string): string | undefined {
  return HASH.exec(file)?.[1]
}

/**
 * Without the plugin's record: the listed files with eight characters where a hash would be. `my-checkout.js`
 * looks like that too, but it is the name of its own chunk, so there is no hash in it.
 */
function hashedFiles(chunks: Chunks): Set<string> {
  const plain = new Set<string>()
  for (const [key, { src, name }] of chunks) {
    plain.add(stem(key))
    if (src !== undefined) plain.add(stem(src))
    if (name !== undefined) plain.add(posix.basename(name))
  }
  return new Set(
    [...listedFiles(chunks)].filter((file) => HASH.test(file) && !plain.has(stem(file))),
  )
}

/** Last segment without extension. By hand, because it is done for every name of a build while the app starts. */
function stem(path: string): string {
  const start = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  return path.slice(start, dot > start ? dot : undefined)
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
