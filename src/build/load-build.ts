// Loads a build: directory, manifest, record, base, import map, checked and ready for tags and files.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionTable } from '../options/table.js'
import type { ProductionSettings } from '../options/types.js'
import { baseOf } from '../urls.js'
import { checkComplete, missingFiles } from './complete.js'
import { type ImportMaps, readImportMaps } from './import-map.js'
import { listedFiles } from './listed.js'
import { isDirectory, type LocatedManifest, readManifest } from './locate.js'
import type { ManifestOrigin } from './missing-entry.js'
import { parseManifest } from './parse.js'
import { findRecordedOutDir, readRecord } from './record.js'
import { listFiles } from './scan.js'
import { type ServingRules, servingRules } from './served.js'
import type { BuildRecord, Chunks, Manifest } from './types.js'

/** A directory whose files are served. */
export interface BuildDirectory extends ServingRules {
  /** Absolute. */
  readonly outDir: string
}

/** A build as it lay on disk when it was loaded. Loading again makes another one. */
export interface Build extends ImportMaps {
  readonly chunks: Chunks
  readonly manifest: ManifestOrigin
  readonly record: BuildRecord | undefined
  /** In its one form, see `baseOf()`: `/app/`, `https://cdn.test/x/` or `./`. */
  readonly base: string
  /** Below the base, without slashes at its ends: a missing file in there is a 404, not a page. */
  readonly assetsDir: string
  readonly modulePreload: boolean
  /** The one stylesheet of a build with `cssCodeSplit: false`. */
  readonly stylesheet: string | undefined
  /** Where tags come from first, then older builds; empty when the files live elsewhere. */
  readonly directories: readonly BuildDirectory[]
  /** What lies in the first directory, as its scan found it. */
  readonly files: ReadonlySet<string>
  /** Reads a file of the first directory. */
  read(file: string): Buffer
}

/** Lists the files below a directory, relative to it, with `/`. */
export type Scan = (directory: string) => ReadonlySet<string>

/**
 * Loads the build that the settings speak of.
 *
 * @param scan lists a directory; files are looked for in its answer instead of one by one
 * @throws ConnectViteError `ERR_BUILD_NOT_FOUND`, `ERR_BUILD_INCOMPLETE`, `ERR_MANIFEST_INVALID`
 */
export function loadBuild(settings: ProductionSettings, scan: Scan = listFiles): Build {
  const { outDir, record, found, manifest } =
    typeof settings.manifest === 'object'
      ? fromObject(settings.manifest, settings, scan)
      : fromDirectory(settings.manifest, settings, scan)
  const { chunks } = manifest
  const base = baseOf(settings.base ?? record?.base ?? '/')

  if (chunks.size === 0)
    settings.logger.warn(
      `The manifest ${manifest.path ?? 'object'} is empty: there are no entries.`,
    )
  const listed = listedFiles(chunks)
  if (outDir !== undefined) checkComplete(outDir, listed, found, base)

  const facts = { chunks, listed, manifest: manifest.path, record, found }
  const first = outDir && { outDir, ...servingRules({ ...facts, outDir }, settings) }
  return {
    chunks,
    manifest: { path: manifest.path, mtime: manifest.mtime },
    record,
    base,
    assetsDir: (record?.assetsDir ?? 'assets').replace(/^\/+|\/+$/g, ''),
    ...(outDir === undefined ? NO_MAPS : readImportMaps(outDir, record?.importMap)),
    modulePreload: record?.modulePreload ?? true,
    stylesheet: oneStylesheet(chunks, record),
    directories: first ? [first, ...olderDirectories(settings, scan)] : [],
    files: found,
    read: (file) => readFileSync(join(outDir ?? settings.root, file)),
  }
}

const NO_MAPS: ImportMaps = { importMap: undefined, systemMap: undefined }

/** What was found before anything is worked out. */
interface Raw {
  readonly outDir: string | undefined
  readonly record: BuildRecord | undefined
  readonly found: ReadonlySet<string>
  readonly manifest: LocatedManifest
}

function fromDirectory(named: string | undefined, settings: ProductionSettings, scan: Scan): Raw {
  const outDir = settings.outDir?.[0] ?? usualOutDir(settings.root)
  const record = readRecord(outDir)
  return { outDir, record, found: scan(outDir), manifest: readManifest(outDir, named, record) }
}

/** A manifest object needs no directory. One that nobody named counts when it holds what the manifest names. */
function fromObject(object: Manifest, settings: ProductionSettings, scan: Scan): Raw {
  const chunks = parseManifest(object, 'the manifest object that was given as an option')
  const manifest = { chunks, path: undefined, mtime: undefined }
  const outDir = settings.outDir?.[0] ?? usualOutDir(settings.root)
  const found: ReadonlySet<string> = isDirectory(outDir) ? scan(outDir) : new Set()
  const listed = listedFiles(chunks)
  const belongs =
    settings.outDir !== undefined ||
    (listed.size > 0 && missingFiles(outDir, listed, found).length === 0)
  return belongs
    ? { outDir, record: readRecord(outDir), found, manifest }
    : { outDir: undefined, record: undefined, found: new Set(), manifest }
}

function usualOutDir(root: string): string {
  return findRecordedOutDir(root) ?? join(root, optionTable.outDir.default)
}

/**
 * `cssCodeSplit: false` gives one `style.css` that no chunk names. A stylesheet that is only imported
 * dynamically looks the same, but then other chunks still have stylesheets of their own.
 */
function oneStylesheet(chunks: Chunks, record: BuildRecord | undefined): string | undefined {
  const chunk = chunks.get('style.css')
  if (!chunk || chunk.isEntry || record?.cssCodeSplit === true) return undefined
  const split = record === undefined && [...chunks.values()].some(({ css }) => css?.length)
  return split ? undefined : chunk.file
}

/** Older builds are a courtesy to pages that are still open: one that cannot be read is passed over. */
function olderDirectories(settings: ProductionSettings, scan: Scan): BuildDirectory[] {
  return (settings.outDir ?? []).slice(1).flatMap((outDir) => {
    try {
      const record = readRecord(outDir)
      const { chunks, path: manifest } = readManifest(outDir, undefined, record)
      const listed = listedFiles(chunks)
      const facts = { outDir, chunks, listed, manifest, record, found: scan(outDir) }
      return [{ outDir, ...servingRules(facts, settings) }]
    } catch (error) {
      settings.logger.warn(`An older build is left out: ${(error as Error).message}`)
      return []
    }
  })
}
