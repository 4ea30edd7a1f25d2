// The look-up table of a build: every key that is answered, and what a miss means.
import type { ServedFile } from '../build/served.js'
import { basePath, isRelative } from '../urls.js'
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

export interface Table {
  readonly assets: ReadonlyMap<string, Asset>
  /** How many files have a key. Some have several keys. */
  readonly size: number
  /** Hashed scripts and stylesheets by what their names have in common, newest first. */
  readonly families: Families
  /** Keys are relative to where the middleware is mounted. */
  readonly relative: boolean
  /** Whether `key` can be nothing but a file that is not there: a name under the assets directory. */
  isMissing(key: string): boolean
}

export function createTable(
  { base, assetsDir, files }: BuildSettings,
  options: AssetOptions,
): Table {
  const prefix = basePath(base)
  const assets = new Map<string, Asset>()
  for (const source of files.values()) {
    const use = options.dictionaries ? dictionaryUse(source, prefix) : NO_DICTIONARY
    const asset = createAsset(source, options, use)
    for (const spelling of spellings(source.file)) assets.set(prefix + spelling, asset)
  }

  const assetsPath = assetsDir.replace(/^[./]+|\/+$/g, '')
  const assetPrefixes = assetsPath === '' ? [] : spellings(assetsPath).map((s) => `${prefix}${s}/`)
  const folders = foldersOf(assets.keys())
  return {
    assets,
    size: files.size,
    families: familiesOf(assets.values()),
    relative: isRelative(base),
    isMissing(key) {
      return (
        assetPrefixes.some((assetPrefix) => key.startsWith(assetPrefix)) &&
        !key.endsWith('/') &&
        !folders.has(key)
      )
    },
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

/** Every directory above a key, without the slash at its end. */
function foldersOf(keys: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const key of keys) {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const folder = key.slice(0, end)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  }
  return folders
}
