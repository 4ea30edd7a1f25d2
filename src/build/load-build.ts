// Loads a build: directory, manifest, record, base, import map, checked and ready for tags and files.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { optionTable } from '../options/table.js'
import type { ProductionSettings } from '../options/types.js'
import { baseOf, isFullUrl } from '../urls.js'
import { findRecordedOutDir } from './find-build.js'
import { type ImportMaps, readImportMaps } from './import-map.js'
import { warnOfLostBase } from './lost-record.js'
import {
  isDirectory,
  type LocatedManifest,
  listedFiles,
  parseManifest,
  readManifest,
} from './manifest.js'
import { readRecord } from './record.js'
import { type Scan, scanDirectory, warnOfSkipped } from './scan.js'
import { type ServedFile, servedFiles, servingRules } from './served.js'
import type { DirectoryFacts } from './server-files.js'
import type { BuildRecord, Chunks, Manifest, ManifestOrigin } from './types.js'

/** A directory of built files. */
export interface BuildDirectory {
  /** Absolute. */
  readonly outDir: string
  /** Its public files by name. */
  readonly files: ReadonlyMap<string, ServedFile>
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
  /** Every public file by name: all of the first directory, and what never changes of the older ones. */
  readonly files: ReadonlyMap<string, ServedFile>
  /** Reads a file of the first directory. */
  read(file: string): Buffer
}

/**
 * Loads the build that the settings speak of.
 *
 * @throws ConnectViteError `ERR_BUILD_NOT_FOUND`, `ERR_BUILD_INCOMPLETE`, `ERR_MANIFEST_INVALID`
 */
export function loadBuild(settings: ProductionSettings): Build {
  const raw =
    typeof settings.manifest === 'object'
      ? fromObject(settings.manifest, settings)
      : fromDirectory(settings.manifest, settings)
  const { outDir, record, manifest } = raw
  const { chunks, path, mtime } = manifest
  const base = baseOf(settings.base ?? record?.base ?? '/')

  if (chunks.size === 0)
    settings.logger.warn(`The manifest ${path ?? 'object'} is empty: there are no entries.`)
  const facts = outDir === undefined ? undefined : factsOf({ ...raw, outDir }, settings)
  if (facts !== undefined) {
    checkComplete(facts, base)
    if (settings.base === undefined) warnOfLostBase(facts, settings.logger)
  }
  const directories = facts ? [directoryOf(facts, settings), ...olderDirectories(settings)] : []
  return {
    chunks,
    manifest: { path, mtime },
    record,
    base,
    assetsDir: (record?.assetsDir ?? 'assets').replace(/^\/+|\/+$/g, ''),
    ...(outDir === undefined ? NO_MAPS : readImportMaps(outDir, record?.importMap)),
    modulePreload: record?.modulePreload ?? true,
    stylesheet: oneStylesheet(chunks, record),
    directories,
    files: filesOf(directories),
    read: (file) => readFileSync(join(outDir ?? settings.root, file)),
  }
}

const NO_MAPS: ImportMaps = { importMap: undefined, systemMap: undefined }

/** What was found before anything is worked out. */
interface Found {
  readonly outDir: string
  readonly record: BuildRecord | undefined
  readonly scan: Scan
  readonly manifest: LocatedManifest
}

/** A manifest object that stands alone has no directory. */
type Raw = Omit<Found, 'outDir'> & { readonly outDir: string | undefined }

const NO_FILES: Scan = { files: new Map(), nestedBuilds: [], skipped: new Map() }

function fromDirectory(named: string | undefined, settings: ProductionSettings): Found {
  const outDir = outDirOf(settings)
  const record = readRecord(outDir)
  // In this order: of a build that is replaced meanwhile, the new files are no harm to the old manifest.
  const manifest = readManifest(outDir, named, record)
  return { outDir, record, manifest, scan: scanDirectory(outDir) }
}

/** A manifest object needs no directory. One that no option names counts when it holds what the manifest names. */
function fromObject(object: Manifest, settings: ProductionSettings): Raw {
  const chunks = parseManifest(object, 'the manifest object that was given as an option')
  const manifest = { chunks, path: undefined, mtime: undefined }
  const outDir = outDirOf(settings)
  const scan = isDirectory(outDir) ? scanDirectory(outDir) : NO_FILES
  const listed = listedFiles(chunks)
  const belongs =
    settings.outDir !== undefined || (listed.size > 0 && missingFiles(listed, scan).length === 0)
  return belongs
    ? { outDir, record: readRecord(outDir), scan, manifest }
    : { outDir: undefined, record: undefined, scan: NO_FILES, manifest }
}

/** @throws ConnectViteError `ERR_BUILD_INCOMPLETE` where files that the manifest names are missing */
function checkComplete({ outDir, listed, scan }: DirectoryFacts, base: string): void {
  const missing = missingFiles(listed, scan)
  if (missing.length === 0 || (isFullUrl(base) && holdsOnlyTheManifest(scan))) return
  const shown = missing.slice(0, 5).map((file) => {
    const reason = scan.skipped.get(file)
    return reason === undefined ? file : `${file} (${reason})`
  })
  throw new ConnectViteError('ERR_BUILD_INCOMPLETE', {
    what: `The manifest names ${missing.length} of ${listed.size} files that are not there: ${shown.join(', ')}${missing.length > 5 ? ', …' : ''}`,
    lookedIn: outDir,
    likelyCause:
      'a build or a copy is under way or was interrupted, only a part was deployed, or this process may not read a directory',
    remedy:
      'Build again (vite build) and deploy the whole directory. If the files live on a CDN, set base to its URL and deploy the manifest alone.',
  })
}

function missingFiles(listed: ReadonlySet<string>, { files }: Scan): string[] {
  return [...listed].filter((file) => !files.has(file))
}

/** Beside dotfiles, nothing but what Vite and the plugin write for servers. */
function holdsOnlyTheManifest({ files }: Scan): boolean {
  return [...files.keys()].every((file) => /^[^/]+\.json$/.test(file))
}

function factsOf({ manifest, ...found }: Found, { root }: ProductionSettings): DirectoryFacts {
  const { chunks, path } = manifest
  return { ...found, root, chunks, listed: listedFiles(chunks), manifest: path }
}

function directoryOf(facts: DirectoryFacts, settings: ProductionSettings): BuildDirectory {
  const { outDir, scan } = facts
  const { immutable, logger } = settings
  warnOfSkipped(outDir, scan, logger)
  const rules = servingRules(facts)
  return { outDir, files: servedFiles(scan, immutable ? { ...rules, immutable } : rules) }
}

/** The directory that the settings speak of: named by the option, recorded by the plugin, or the usual one. */
export function outDirOf({ outDir, root }: ProductionSettings): string {
  return outDir?.[0] ?? findRecordedOutDir(root) ?? join(root, optionTable.outDir.default)
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
function olderDirectories(settings: ProductionSettings): BuildDirectory[] {
  return (settings.outDir ?? []).slice(1).flatMap((outDir) => {
    try {
      const record = readRecord(outDir)
      const manifest = readManifest(outDir, undefined, record)
      const found = { outDir, record, manifest, scan: scanDirectory(outDir) }
      return [directoryOf(factsOf(found, settings), settings)]
    } catch (error) {
      settings.logger.warn(`An older build is left out: ${(error as Error).message}`)
      return []
    }
  })
}

function filesOf([current, ...older]: readonly BuildDirectory[]): Map<string, ServedFile> {
  const files = new Map(current?.files)
  for (const directory of older) {
    for (const [name, file] of directory.files) {
      if (file.kept && !files.has(name)) files.set(name, file)
    }
  }
  return files
}
