// Vite's manifest: where it lies, its checks, and the files that it names.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { slashed, staysBelow } from '../paths.js'
import { hashIn } from './hashed-names.js'
import { readJson } from './read-json.js'
import type { BuildRecord, Chunks, ManifestChunk, ManifestOrigin } from './types.js'

/** A manifest that was read, and where it was read from. */
export interface LocatedManifest extends ManifestOrigin {
  readonly chunks: Chunks
}

/** Common ways in which directories that begin with a dot get lost. */
export const LOST_ON_THE_WAY =
  "Directories that begin with a dot are left out by `cp -r dist/*`, by GitHub's upload-artifact without include-hidden-files: true, and by some uploads."

/** Where Vite 5 and later write it, and where Vite 4 did. */
const USUAL = ['.vite/manifest.json', 'manifest.json']

/**
 * Reads the manifest of `outDir`.
 *
 * @param named the `manifest` option, relative to `outDir`
 * @throws ConnectViteError `ERR_BUILD_NOT_FOUND`, `ERR_MANIFEST_INVALID`
 */
export function readManifest(
  outDir: string,
  named: string | undefined,
  record: BuildRecord | undefined,
): LocatedManifest {
  const recorded = record ? [record.manifest] : []
  const candidates = (named === undefined ? [...recorded, ...USUAL] : [named]).map((file) =>
    resolve(outDir, file),
  )
  const path = candidates.find((candidate) => existsSync(candidate))
  if (path === undefined) throw notFound(outDir, [...new Set(candidates)])
  const { value, mtime } = readJson(path, 'manifest')
  return { chunks: parseManifest(value, path), path, mtime }
}

function notFound(outDir: string, candidates: readonly string[]): ConnectViteError {
  const there = isDirectory(outDir)
  if (there && !existsSync(resolve(outDir, '.vite')) && holdsHashedFiles(outDir))
    return new ConnectViteError('ERR_BUILD_NOT_FOUND', {
      what: `There are built files in ${outDir}, but no manifest.`,
      lookedIn: candidates,
      likelyCause: `the hidden directory .vite/ was lost on the way here. ${LOST_ON_THE_WAY}`,
      remedy:
        'Deploy the whole directory, hidden ones included. If it was built without a manifest, set build.manifest: true in vite.config and run vite build.',
    })
  return new ConnectViteError('ERR_BUILD_NOT_FOUND', {
    what: there ? `There is no manifest in ${outDir}.` : `There is no build in ${outDir}.`,
    lookedIn: candidates,
    likelyCause: there
      ? 'the build ran without build.manifest: true, or the directory is not the outDir of vite.config'
      : 'vite build did not run yet, or it wrote to another directory',
    remedy:
      'Set build.manifest: true in vite.config (the plugin connect-vite/plugin does), run vite build, and point the option outDir to where it wrote.',
  })
}

function holdsHashedFiles(outDir: string): boolean {
  try {
    const names = readdirSync(outDir, { recursive: true, encoding: 'utf8' })
    return names.some((name) => hashIn(slashed(name)) !== undefined)
  } catch {
    return false
  }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Every output file that the manifest names. */
export function listedFiles(chunks: Chunks): Set<string> {
  const files = new Set<string>()
  for (const { file, css, assets } of chunks.values()) {
    files.add(file)
    for (const style of css ?? []) files.add(style)
    for (const asset of assets ?? []) files.add(asset)
  }
  return files
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields that hold lists of strings; those of the second table name other chunks. */
const LISTS = ['css', 'assets', 'imports', 'dynamicImports'] as const
const REFERENCES = ['imports', 'dynamicImports'] as const
const FLAGS = ['isEntry', 'isDynamicEntry'] as const
const NAMES = ['src', 'name'] as const

/**
 * Checks a manifest and puts it into a table without a prototype.
 *
 * @param where what an error calls it: the path of the file, or where the object came from
 * @throws ConnectViteError `ERR_MANIFEST_INVALID`
 */
export function parseManifest(value: unknown, where: string): Chunks {
  if (!isObject(value)) {
    const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
    throw invalid(where, `is ${found}, not an object of chunks`)
  }
  const chunks = new Map<string, ManifestChunk>()
  for (const [key, chunk] of Object.entries(value)) {
    const fault = faultOf(chunk)
    if (fault) throw invalid(where, `has a chunk ${JSON.stringify(key)} ${fault}`)
    chunks.set(key, chunk as unknown as ManifestChunk)
  }
  for (const [key, chunk] of chunks) {
    for (const field of REFERENCES) {
      const missing = chunk[field]?.find((imported) => !chunks.has(imported))
      if (missing === undefined) continue
      throw invalid(
        where,
        `lacks ${JSON.stringify(missing)}, which ${JSON.stringify(key)} names in its ${field}`,
      )
    }
  }
  return chunks
}

/** What is wrong with a chunk, as the end of a sentence. */
function faultOf(chunk: unknown): string | undefined {
  if (!isObject(chunk)) return 'that is not an object'
  if (typeof chunk.file !== 'string' || chunk.file === '') return "without 'file'"
  for (const field of LISTS) {
    const list = chunk[field]
    if (list === undefined) continue
    if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
      return `whose '${field}' is not a list of strings`
  }
  for (const path of [
    chunk.file,
    ...((chunk.css ?? []) as string[]),
    ...((chunk.assets ?? []) as string[]),
  ]) {
    if (!staysBelow(path))
      return `with the file ${JSON.stringify(path)}, which lies outside the build`
  }
  for (const field of FLAGS) {
    if (chunk[field] !== undefined && typeof chunk[field] !== 'boolean')
      return `whose '${field}' is neither true nor false`
  }
  for (const field of NAMES) {
    if (chunk[field] !== undefined && typeof chunk[field] !== 'string')
      return `whose '${field}' is not a string`
  }
  return undefined
}

function invalid(where: string, fault: string): ConnectViteError {
  return new ConnectViteError('ERR_MANIFEST_INVALID', {
    what: `The manifest ${fault}.`,
    lookedIn: where,
    // `manifest.json` at the top of a build is also where a web app's own manifest lies.
    likelyCause: /(?<![\\/]\.vite)[\\/]manifest\.json$/.test(where)
      ? "it is a web app's manifest, not Vite's"
      : 'it was edited, or another tool wrote it',
    remedy: 'Set build.manifest: true in vite.config and build again (vite build).',
  })
}
