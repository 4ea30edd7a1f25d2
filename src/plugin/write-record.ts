// Writes down what production cannot guess, when a build has ended: the client's record, and who serves it.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ResolvedConfig } from 'vite'
import { findRecordedOutDir, readRecord } from '../build/record.js'
import { type BuildRecord, type Manifest, RECORD_FILE, RECORD_VERSION } from '../build/types.js'
import { relativeTo } from '../paths.js'
import { clientBuildOf, isVite5 } from './client-build.js'
import { readServerRecords } from './server-record.js'
import type { Target } from './target.js'
import { readText, writeFileAtomically } from './write-file.js'

export function writeRecord(target: Target, hashed: readonly string[]): void {
  const { config, root, outDir } = target
  const { build } = config
  const manifest = typeof build.manifest === 'string' ? build.manifest : '.vite/manifest.json'
  const importMap = importMapOf(config, outDir)
  save(outDir, {
    version: RECORD_VERSION,
    base: config.base,
    outDir: relativeTo(root, outDir),
    assetsDir: build.assetsDir,
    manifest,
    hashed: [...hashed].sort(),
    cssCodeSplit: build.cssCodeSplit,
    modulePreload: build.modulePreload !== false,
    sourcemap: build.sourcemap,
    ...(importMap !== undefined && { importMap }),
    entries: entriesOf(join(outDir, manifest)),
    servers: readServerRecords(root, serverDirectories(config)),
  })
}

/** After a server build: the client that was built before learns of it. One that comes later looks by itself. */
export function recordServers(target: Target): void {
  const client = clientDirectory(target)
  const record = client === undefined ? undefined : readRecord(client)
  if (client === undefined || record === undefined) return
  save(client, {
    ...record,
    servers: readServerRecords(target.root, serverDirectories(target.config)),
  })
}

function save(outDir: string, record: BuildRecord): void {
  writeFileAtomically(join(outDir, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`)
}

function entriesOf(manifest: string): string[] {
  const chunks = JSON.parse(readText(manifest) ?? '{}') as Manifest
  return Object.keys(chunks).filter((key) => chunks[key]?.isEntry)
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
    .map(({ build }) => resolve(config.root, build.outDir))
}

/** What the config says, unless `--outDir` of a server build overrode it there; else what was recorded. */
function clientDirectory({ config, root, outDir }: Target): string | undefined {
  const configured = resolve(root, clientBuildOf(config).outDir)
  const known = configured !== outDir && existsSync(join(configured, RECORD_FILE))
  return known ? configured : findRecordedOutDir(root)
}
