// The lookup table of one or several builds: every key that is answered, and what a miss means.
import { ConnectViteError } from '../errors.js'
import type { Logger } from '../logger.js'
import {
  type Asset,
  type AssetOptions,
  createAsset,
  type DictionaryUse,
  NO_DICTIONARY,
} from './asset.js'
import type { Families } from './dictionaries.js'
import { useAsDictionary } from './dictionary-coding.js'
import { basePath, isRelativeBase, spellings } from './keys.js'
import { type ScannedFile, scanDirectory } from './scan.js'

/** One directory of built files. */
export interface BuildDirectory {
  /** Absolute. */
  readonly dir: string
  /** An older build: only what never changes is taken from it, and the lack of the directory is no error. */
  readonly hashedOnly: boolean
  /** Whether a file, relative with `/`, is kept from the web. */
  hidden(file: string): boolean
  /** Whether a file never changes under its name. */
  immutable(file: string): boolean
  /** The part of a file's name that changes with its content, where the build put one there. */
  hash(file: string): string | undefined
}

/** What a rebuild can change. */
export interface BuildSettings {
  /** Vite's `base`: a path, `./` or `''` (relative to the mount), or a full URL. */
  readonly base: string
  /** `build.assetsDir`; `''` where assets lie among everything else. */
  readonly assetsDir: string
  /** The current build first. */
  readonly directories: readonly BuildDirectory[]
}

export interface Table {
  readonly assets: ReadonlyMap<string, Asset>
  /** Names of the files of this build and of those in older directories. */
  readonly files: ReadonlySet<string>
  /** Hashed scripts and stylesheets by what their names have in common, newest first. */
  readonly families: Families
  /** Keys are relative to where the middleware is mounted. */
  readonly relative: boolean
  /** Whether `key` can be nothing but a file that is not there: a name under the assets directory. */
  isMissing(key: string): boolean
}

export function createTable(
  { base, assetsDir, directories }: BuildSettings,
  options: AssetOptions,
  logger: Logger,
): Table {
  const prefix = basePath(base)
  const assets = new Map<string, Asset>()
  const files = new Set<string>()
  for (const directory of directories) {
    // Newest first: what is read ahead is the current build before what `keep` kept beside it.
    const sources = scan(directory, logger).sort((a, b) => b.mtimeMs - a.mtimeMs)
    for (const source of sources) {
      const { file } = source
      const immutable = directory.immutable(file)
      if (files.has(file) || (directory.hashedOnly && !immutable)) continue
      files.add(file)
      const hash = immutable && options.dictionaries ? directory.hash(file) : undefined
      const use = hash === undefined ? NO_DICTIONARY : dictionaryUse(file, hash, prefix)
      const asset = createAsset(source, immutable, options, use)
      for (const spelling of spellings(file)) assets.set(prefix + spelling, asset)
    }
  }

  const assetsPath = assetsDir.replace(/^[./]+|\/+$/g, '')
  const assetPrefixes = assetsPath === '' ? [] : spellings(assetsPath).map((s) => `${prefix}${s}/`)
  const folders = foldersOf(assets.keys())
  return {
    assets,
    files,
    families: familiesOf(assets.values()),
    relative: isRelativeBase(base),
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

function dictionaryUse(file: string, hash: string, prefix: string): DictionaryUse {
  if (!RESEMBLES.test(file)) return NO_DICTIONARY
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

function scan({ dir, hashedOnly, hidden }: BuildDirectory, logger: Logger): ScannedFile[] {
  try {
    return scanDirectory(dir, { hidden, logger })
  } catch (error) {
    if (hashedOnly) return []
    throw new ConnectViteError('ERR_BUILD_NOT_FOUND', {
      what: 'The build directory cannot be read.',
      lookedIn: dir,
      likelyCause: error instanceof Error ? error.message : String(error),
      remedy: 'Run `vite build`, or set `outDir` to where it writes.',
      cause: error,
    })
  }
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
