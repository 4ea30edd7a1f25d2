// The records that builds leave for production: the client's, and a note of each server build that the client's record repeats.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { directoriesToSearch, findRecordedOutDir } from '../build/find-build.js'
import { readRecord } from '../build/record.js'
import {
  type BuildRecord,
  type Manifest,
  RECORD_FILE,
  RECORD_VERSION,
  type ServerBuildRecord,
} from '../build/types.js'
import { below, relativeTo, sourceIn, staysBelow } from '../paths.js'
import type { FoundEntry } from './found-entries.js'
import type { HashedFiles } from './hashed.js'
import { clientBuildOf, isVite5, outDirOf, type Target } from './vite-majors.js'
import { readText, writeFileAtomically } from './write-file.js'

export function writeRecord(
  target: Target,
  hashed: HashedFiles,
  written: ReadonlySet<string>,
  found: readonly FoundEntry[],
): void {
  const { config, root, outDir } = target
  const { build } = config
  const named = typeof build.manifest === 'string' ? build.manifest : '.vite/manifest.json'
  const manifest = removesManifest(config) ? keepManifest(outDir, named) : named
  const importMap = importMapOf(config, outDir)
  save(outDir, {
    version: RECORD_VERSION,
    base: config.base,
    outDir: relativeTo(root, outDir),
    assetsDir: build.assetsDir,
    manifest,
    hashed: [...hashed.keys()].sort(),
    hashes: Object.fromEntries([...hashed].filter(([, hash]) => hash !== '').sort()),
    cssCodeSplit: build.cssCodeSplit,
    modulePreload: build.modulePreload !== false,
    sourcemap: build.sourcemap,
    ...(importMap !== undefined && { importMap }),
    ...(typeof build.ssrManifest === 'string' && { ssrManifest: build.ssrManifest }),
    ...(found.length > 0 && {
      found: Object.fromEntries(found.map(({ entry, places }) => [entry, [...places]])),
    }),
    entries: [...new Set([...entriesOf(join(outDir, manifest)), ...htmlEntries(root, written)])],
    servers: readServerRecords(root, serverDirectories(config)),
  })
}

/**
 * React Router's build deletes `.vite/manifest.json` when it is done, unless the user's own config asks for it.
 * https://github.com/remix-run/react-router/blob/main/packages/react-router-dev/vite/plugin.ts
 */
function removesManifest({ plugins }: ResolvedConfig): boolean {
  return plugins.some(({ name }) => name === 'react-router')
}

const KEPT_MANIFEST = '.vite/connect-vite-manifest.json'

/** Writes a second manifest, for production. Returns the name of what there is. */
function keepManifest(outDir: string, manifest: string): string {
  const text = readText(join(outDir, manifest))
  if (text === undefined) return manifest
  writeFileAtomically(join(outDir, KEPT_MANIFEST), text)
  return KEPT_MANIFEST
}

/**
 * After a server build: the client that was built before learns of it, and gets the files that server code alone imports.
 * A client that comes later looks by itself.
 *
 * @returns the client's directory
 */
export function recordServers(
  target: Target,
  assets: ReadonlyMap<string, string | Uint8Array>,
  hashes: HashedFiles,
): string | undefined {
  const client = clientDirectory(target)
  const record = client === undefined ? undefined : readRecord(client)
  if (client === undefined || record === undefined) return undefined
  const added = [...assets].filter(([file, source]) => addFile(client, file, source))
  const hashed = added.flatMap(([file]) => (hashes.has(file) ? [file] : []))
  save(client, {
    ...record,
    hashed: [...new Set([...record.hashed, ...hashed])].sort(),
    servers: readServerRecords(target.root, serverDirectories(target.config)),
  })
  return client
}

/** Says whether the file was missing. */
function addFile(outDir: string, file: string, source: string | Uint8Array): boolean {
  const path = join(outDir, file)
  if (!staysBelow(file) || existsSync(path)) return false
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, source)
  return true
}

function save(outDir: string, record: BuildRecord): void {
  writeFileAtomically(join(outDir, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`)
}

function entriesOf(manifest: string): string[] {
  const chunks = JSON.parse(readText(manifest) ?? '{}') as Manifest
  return Object.keys(chunks).filter((key) => chunks[key]?.isEntry)
}

/** The manifest lacks HTML entries without a script. Vite writes each to the path that it has below `root`. */
function htmlEntries(root: string, written: ReadonlySet<string>): string[] {
  return [...written].filter((file) => file.endsWith('.html') && existsSync(join(root, file)))
}

/** `build.chunkImportMap` (Vite 8.1) writes a file whose name is an option of Rolldown's. */
function importMapOf(config: ResolvedConfig, outDir: string): string | undefined {
  const { chunkImportMap, rolldownOptions } = config.build as {
    chunkImportMap?: unknown
    rolldownOptions?: { experimental?: { chunkImportMap?: boolean | { fileName?: string } } }
  }
  const option = rolldownOptions?.experimental?.chunkImportMap
  if (!chunkImportMap && !option) return undefined
  const file = (typeof option === 'object' ? option.fileName : undefined) ?? 'importmap.json'
  return existsSync(join(outDir, file)) ? file : undefined
}

function serverDirectories(config: ResolvedConfig): string[] {
  if (isVite5(config)) return []
  return Object.values(config.environments)
    .filter(({ consumer }) => consumer === 'server')
    .map(({ build }) => outDirOf(config.root, build))
}

/** Server builds that lie inside the client's: `server/`. */
export function serversInside({ config, root, outDir }: Target): string[] {
  return Object.values(readServerRecords(root, serverDirectories(config))).flatMap((server) => {
    const inner = below(outDir, resolve(root, server.outDir))
    return inner === undefined ? [] : [`${inner}/`]
  })
}

/** What the config says, unless `--outDir` of a server build overrode it there; else what was recorded. */
function clientDirectory({ config, root, outDir }: Target): string | undefined {
  const configured = outDirOf(root, clientBuildOf(config))
  const known = configured !== outDir && existsSync(join(configured, RECORD_FILE))
  return known ? configured : findRecordedOutDir(root)
}

const SERVER_RECORD_FILE = '.vite/connect-vite-server.json'
const VERSION = 1

interface Note extends ServerBuildRecord {
  version: number
  environment: string
  /** Milliseconds since the epoch. */
  builtAt: number
}

/** A file that a server build made of an entry. */
interface EntryChunk {
  fileName: string
  facadeModuleId: string | null
}

export function writeServerRecord(target: Target, chunks: readonly EntryChunk[]): void {
  const entries = chunks.flatMap(({ facadeModuleId, fileName }) =>
    facadeModuleId === null ? [] : [[sourceOf(facadeModuleId, target.root), fileName]],
  )
  const note: Note = {
    version: VERSION,
    environment: target.name,
    outDir: relativeTo(target.root, target.outDir),
    entries: Object.fromEntries(entries),
    builtAt: Date.now(),
  }
  writeFileAtomically(join(target.outDir, SERVER_RECORD_FILE), `${JSON.stringify(note, null, 2)}\n`)
}

/** `virtual:app` for a virtual module, else the path relative to root, as the manifest has it. */
function sourceOf(id: string, root: string): string {
  const [path = id] = id.split('?')
  return path.startsWith('\0') ? path.slice(1) : sourceIn(root, path)
}

/**
 * Every server build of this root that left its note. What the config says comes first; of several builds
 * of one environment the newest counts.
 */
export function readServerRecords(
  root: string,
  configured: readonly string[],
): Record<string, ServerBuildRecord> {
  const known = configured.flatMap((directory) => readNote(root, directory))
  const others = [...directoriesToSearch(root)]
    .flat()
    .flatMap((directory) => readNote(root, directory))
  const servers: Record<string, ServerBuildRecord> = {}
  for (const { environment, outDir, entries } of [
    // The last one wins.
    ...others.sort((a, b) => a.builtAt - b.builtAt),
    ...known,
  ]) {
    servers[environment] = { outDir, entries }
  }
  return servers
}

function readNote(root: string, directory: string): Note[] {
  try {
    const note = JSON.parse(readFileSync(join(directory, SERVER_RECORD_FILE), 'utf8')) as Note
    // A copy elsewhere is another release of it.
    const own = note.version === VERSION && resolve(root, note.outDir) === resolve(directory)
    return own ? [note] : []
  } catch {
    return []
  }
}
