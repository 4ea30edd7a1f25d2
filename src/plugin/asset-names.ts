// Names that viteAsset() takes: files of the public directory, and sources that Vite treats as assets.
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import type { ResolvedConfig } from 'vite'
import { isStylesheetSource } from '../build/kinds.js'
import { below, relativeTo, slashed } from '../paths.js'
import { clientBuildOf, outDirOf } from './vite-majors.js'

/** Unions that are much larger slow the compiler down. */
const MOST_NAMES = 5_000

/** Relative to root or to the public directory, sorted. `undefined` where there are too many. */
export async function assetNames(config: ResolvedConfig): Promise<string[] | undefined> {
  const { root, publicDir } = config
  const outDir = relativeTo(root, outDirOf(root, clientBuildOf(config)))
  const ignore = ['**/node_modules/**', ...(outDir.startsWith('..') ? [] : [`${outDir}/**`])]
  const sources = await glob('**/*', { cwd: root, ignore })
  const found = [
    ...sources.filter((file) => isAsset(config, join(root, file))),
    ...(publicDir ? await glob(['**/*', '.well-known/**'], { cwd: publicDir }) : []),
  ]
  const names = [...new Set(found.map(slashed))].sort()
  return names.length <= MOST_NAMES ? names : undefined
}

/** Whether the coming or going of a file changes the names. */
export function mayBeAsset(config: ResolvedConfig, file: string): boolean {
  if (below(outDirOf(config.root, clientBuildOf(config)), file) !== undefined) return false
  return isAsset(config, file) || isInPublic(config, file)
}

function isAsset(config: ResolvedConfig, file: string): boolean {
  if (isInPublic(config, file) || file.includes('node_modules')) return false
  // A stylesheet that is imported with `?url` is a file of the build too.
  return config.assetsInclude(file) || file.endsWith('.wasm') || isStylesheetSource(file)
}

function isInPublic({ publicDir }: ResolvedConfig, file: string): boolean {
  return publicDir !== '' && below(publicDir, file) !== undefined
}
