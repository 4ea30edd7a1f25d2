// Finds outDir and reads the manifest in it, or the object that stands for it.
import { accessSync, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConnectViteError } from '../errors.js'
import type { ManifestOrigin } from './missing-entry.js'
import { parseManifest } from './parse.js'
import { readJson } from './read-json.js'
import { REACHABLE } from './scan.js'
import type { BuildRecord, Chunks } from './types.js'

/** A manifest that was read, and where it was read from. */
export interface LocatedManifest extends ManifestOrigin {
  readonly chunks: Chunks
}

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

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Whether a file lies in `outDir` where it can be reached; asked only for what a scan did not find, such as links. */
export function isFile(outDir: string, file: string): boolean {
  const path = join(outDir, file)
  try {
    accessSync(dirname(path), REACHABLE)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
