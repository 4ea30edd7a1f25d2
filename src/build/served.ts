// What of a build directory is served at all, and what of it never changes.
import { resolve } from 'node:path'
import type { ProductionSettings } from '../options/types.js'
import { below } from '../paths.js'
import { hashedFiles, hashIn } from './listed.js'
import { isHiddenMap } from './source-maps.js'
import { type BuildRecord, type Chunks, RECORD_FILE } from './types.js'

/** Two rules about the files of one directory; paths are relative to it. */
export interface ServingRules {
  /** Must not be served: the manifest, the record, server builds, hidden source maps. */
  hidden(file: string): boolean
  /** Its content never changes under this name. */
  immutable(file: string): boolean
  /** The part of a file's name that changes with its content, where the build put one there. */
  hash(file: string): string | undefined
}

export interface DirectoryFacts {
  readonly outDir: string
  readonly chunks: Chunks
  /** The files that the chunks name. */
  readonly listed: ReadonlySet<string>
  /** Absolute path of the manifest, where it is a file. */
  readonly manifest: string | undefined
  readonly record: BuildRecord | undefined
  /** What a scan found. */
  readonly found: ReadonlySet<string>
}

export function servingRules(facts: DirectoryFacts, settings: ProductionSettings): ServingRules {
  const { outDir, chunks, listed, manifest, record, found } = facts
  const own = new Set([RECORD_FILE, manifest && below(outDir, manifest)])
  const servers = [...recordedServers(outDir, record, settings.root), ...nestedBuilds(found)]
  const hashed = record ? new Set(record.hashed) : hashedFiles(chunks, listed)

  return {
    hidden: (file) =>
      own.has(file) ||
      file.startsWith('.vite/') ||
      servers.some((directory) => file.startsWith(directory)) ||
      (file.endsWith('.map') && hiddenMap(outDir, file, record)),
    immutable: settings.immutable ?? ((file) => hashed.has(file)),
    hash: (file) => record?.hashes?.[file] ?? (hashed.has(file) ? hashIn(file) : undefined),
  }
}

function recordedServers(outDir: string, record: BuildRecord | undefined, root: string): string[] {
  return Object.values(record?.servers ?? {}).flatMap((server) => {
    const inner = below(outDir, resolve(root, server.outDir))
    return inner === undefined ? [] : [`${inner}/`]
  })
}

/** A directory that holds a manifest of its own is a build of its own, be it a server's or another app's. */
function nestedBuilds(found: ReadonlySet<string>): string[] {
  const manifest = '/.vite/manifest.json'
  return [...found]
    .filter((file) => file.endsWith(manifest))
    .map((file) => file.slice(0, 1 - manifest.length))
}

function hiddenMap(outDir: string, file: string, record: BuildRecord | undefined): boolean {
  return record ? record.sourcemap === 'hidden' : isHiddenMap(outDir, file)
}
