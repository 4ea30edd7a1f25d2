// The report about a build, as data: what each entry loads at first and later, what entries share, how large it all is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { readDeltaIndex } from '../build/built-deltas.js'
import type { Build } from '../build/load-build.js'
import { createLookup } from '../build/lookup.js'
import { contentType, isCompressible } from '../media-type.js'
import { listedFonts, planEntry, planPrefetch } from '../tags/plan.js'

export type FileKind = 'script' | 'style' | 'preload' | 'font'

export interface FileReport {
  /** Relative to `outDir`. */
  file: string
  /** As it is. */
  bytes: number
  /** With brotli, or as it is where compression does not help. */
  brotli: number
}

export interface EntryReport {
  /** Manifest key, as `viteTags()` takes it. */
  entry: string
  /** Templates that name it, where the plugin has found it there: `views/home.ejs:3`. */
  found?: string[]
  /** What the entry's tags load, in their order. */
  files: (FileReport & { kind: FileKind })[]
  /** Scripts, styles and preloads together. Fonts load only if a page uses them. */
  firstLoad: { files: number; bytes: number; brotli: number }
  /** What dynamic imports can load. */
  later: FileReport[]
}

export interface ChunkReport {
  /** Manifest key. */
  key: string
  file: string
  bytes: number
  imports: string[]
  dynamicImports: string[]
}

export interface BuildReport {
  outDir: string
  base: string
  manifest: string
  /** Seconds since the manifest was written. */
  age: number
  /** Whether `connect-vite/plugin` made the build. */
  recorded: boolean
  entries: EntryReport[]
  /** Files that several entries load at first. */
  shared: (FileReport & { entries: string[] })[]
  chunks: ChunkReport[]
  total: { files: number; bytes: number }
  /** What a returning visitor gets of changed files, where the build has made deltas. */
  deltas?: { files: number; bytes: number; saved: number }
}

/** A tenth of a second for a megabyte, and within 3 % of the highest level. */
const QUALITY = 9

export async function reportOn(
  build: Build,
  cssOrder: 'entry-first' | 'imports-first',
): Promise<BuildReport> {
  const { chunks } = build
  const outDir = build.directories[0]?.outDir ?? ''
  const sizes = new Map<string, Promise<FileReport>>()
  const measured = (file: string) => {
    const known = sizes.get(file) ?? measure(outDir, file)
    sizes.set(file, known)
    return known
  }

  const entries: EntryReport[] = []
  for (const entry of createLookup(chunks, build.base).entries) {
    const plan = planEntry(chunks, entry, { ...build, cssOrder, fonts: false })
    const kinds = new Map<string, FileKind>()
    for (const kind of ['style', 'script', 'preload'] as const) {
      for (const { file } of plan[kind]) if (!kinds.has(file)) kinds.set(file, kind)
    }
    for (const { file } of listedFonts(chunks, entry)) kinds.set(file, 'font')
    const files = await Promise.all(
      [...kinds].map(async ([file, kind]) => ({ ...(await measured(file)), kind })),
    )
    const first = files.filter(({ kind }) => kind !== 'font')
    const later = new Set(planPrefetch(chunks, entry).map(({ file }) => file))
    const found = build.record?.found?.[entry]
    entries.push({
      entry,
      ...(found && { found }),
      files,
      firstLoad: {
        files: first.length,
        bytes: sum(first, 'bytes'),
        brotli: sum(first, 'brotli'),
      },
      later: await Promise.all([...later].filter((file) => !kinds.has(file)).map(measured)),
    })
  }

  return {
    outDir,
    base: build.base,
    manifest: build.manifest.path ?? '',
    age: Math.max(0, Math.round((Date.now() - Number(build.manifest.mtime ?? Date.now())) / 1000)),
    recorded: build.record !== undefined,
    entries: entries.sort((a, b) => b.firstLoad.brotli - a.firstLoad.brotli),
    shared: sharedBy(entries),
    chunks: await Promise.all(
      [...chunks].map(async ([key, { file, imports = [], dynamicImports = [] }]) => {
        const { bytes } = await measured(file)
        return { key, file, bytes, imports: [...imports], dynamicImports: [...dynamicImports] }
      }),
    ),
    total: totalOf(build),
    ...(await deltasOf(outDir, measured)),
  }
}

/** Compared with brotli. Without an index the server makes deltas when they are asked for. */
async function deltasOf(
  outDir: string,
  measured: (file: string) => Promise<FileReport>,
): Promise<Pick<BuildReport, 'deltas'>> {
  const index = readDeltaIndex(outDir)
  if (index === undefined) return {}
  const deltas = { files: index.length, bytes: 0, saved: 0 }
  for (const { file, size } of index) {
    deltas.bytes += size
    deltas.saved += (await measured(file)).brotli - size
  }
  return { deltas }
}

async function measure(outDir: string, file: string): Promise<FileReport> {
  const content = readFileSync(join(outDir, file))
  const bytes = content.length
  if (!isCompressible(contentType(file))) return { file, bytes, brotli: bytes }
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
  }
  const { length } = await promisify(brotliCompress)(content, { params })
  return { file, bytes, brotli: Math.min(bytes, length) }
}

function sharedBy(entries: readonly EntryReport[]): BuildReport['shared'] {
  const users = new Map<string, BuildReport['shared'][number]>()
  for (const { entry, files } of entries) {
    for (const { file, bytes, brotli } of files) {
      const shared = users.get(file) ?? { file, bytes, brotli, entries: [] }
      shared.entries.push(entry)
      users.set(file, shared)
    }
  }
  return [...users.values()]
    .filter((file) => file.entries.length > 1)
    .sort((a, b) => b.brotli - a.brotli)
}

function totalOf({ files }: Build): BuildReport['total'] {
  const counted = [...files.values()].filter(({ file }) => !file.endsWith('.map'))
  return { files: counted.length, bytes: counted.reduce((total, { size }) => total + size, 0) }
}

function sum(files: readonly FileReport[], what: 'bytes' | 'brotli'): number {
  return files.reduce((total, file) => total + file[what], 0)
}
