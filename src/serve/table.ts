// The look-up table of a build: every key that is answered, and what a miss means.
import { couldBeBuilt } from '../build/hashed-names.js'
import type { ServedFile } from '../build/served.js'
import { basePath, isFullUrl, isRelative } from '../urls.js'
import {
  type Asset,
  type AssetOptions,
  createAsset,
  type DictionaryUse,
  NO_DICTIONARY,
} from './asset.js'
import type { Families } from './dictionaries.js'
import { useAsDictionary } from './dictionary-coding.js'
import { spellings } from './keys.js'

/** What a rebuild can change. */
export interface BuildSettings {
  /** In its one form, see `baseOf()`. */
  readonly base: string
  /** `build.assetsDir`; `''` where assets lie among everything else. */
  readonly assetsDir: string
  /** Every public file by name, the current build and the newest first. */
  readonly files: ReadonlyMap<string, ServedFile>
}

/** What holds for all builds of a server. */
export interface TableOptions extends Omit<AssetOptions, 'crossOrigin'> {
  /** Files are asked for where the middleware is mounted, whatever the base. */
  readonly atMount: boolean
}

export interface Table {
  readonly assets: ReadonlyMap<string, Asset>
  /** How many files have a key. Some have several keys. */
  readonly size: number
  /** Hashed scripts and stylesheets by what their names have in common, newest first. */
  readonly families: Families
  /** Keys are relative to where the middleware is mounted. */
  readonly relative: boolean
  /** Whether `key` can be nothing but a file of a build, and is not there. */
  isMissing(key: string): boolean
}

export function createTable(
  { base, assetsDir, files }: BuildSettings,
  options: TableOptions,
): Table {
  const relative = options.atMount || isRelative(base)
  const publicPrefix = basePath(base)
  const prefix = relative ? '/' : publicPrefix
  const assetOptions = { ...options, crossOrigin: isFullUrl(base) }
  const assets = new Map<string, Asset>()
  for (const source of files.values()) {
    const use = options.dictionaries ? dictionaryUse(source, publicPrefix) : NO_DICTIONARY
    const asset = createAsset(source, assetOptions, use)
    for (const spelling of spellings(source.file)) assets.set(prefix + spelling, asset)
  }

  const assetsPath = assetsDir.replace(/^[./]+|\/+$/g, '')
  const assetPrefixes = assetsPath === '' ? [] : spellings(assetsPath).map((s) => `${prefix}${s}/`)
  const isBuilt = couldBeBuilt([...files.values()].flatMap(({ file, kept }) => (kept ? file : [])))
  return {
    assets,
    size: files.size,
    families: familiesOf(assets.values()),
    relative,
    isMissing: (key) =>
      assetPrefixes.some((assetPrefix) => key.startsWith(assetPrefix)) &&
      (assets.has(key) || isBuilt(key)),
  }
}

/** Files whose text resembles that of the same file in the next build. */
const RESEMBLES = /\.(?:m?js|css)$/

function dictionaryUse({ file, immutable, hash }: ServedFile, prefix: string): DictionaryUse {
  if (!immutable || hash === undefined || !RESEMBLES.test(file)) return NO_DICTIONARY
  const path = prefix + (spellings(file)[0] as string)
  return { family: file.split(hash).join('*'), useAsDictionary: useAsDictionary(path, hash) }
}

/** Groups the files that can be each other's dictionary. The order of `assets` stays: the newest build comes first. */
export function familiesOf(assets: Iterable<Asset>): Families {
  const families = new Map<string, Asset[]>()
  for (const asset of new Set(assets)) {
    if (asset.family === undefined) continue
    const family = families.get(asset.family)
    if (family) family.push(asset)
    else families.set(asset.family, [asset])
  }
  return families
}
