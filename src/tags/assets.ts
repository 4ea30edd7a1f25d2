// Look-up for viteAsset(): a source file that the build emitted, or a public file.
import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import type { Build } from '../build/load-build.js'
import { spellingsOf } from '../build/lookup.js'
import type { ManifestChunk } from '../build/types.js'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
import { addToInput } from '../inputs.js'
import type { CommonSettings } from '../options/types.js'
import { isBelow, slashed } from '../paths.js'
import { encodePath, encodeUrl, isFullUrl, splitSuffix } from '../urls.js'

/**
 * Returns a function from a path to what follows the base in its URL.
 *
 * @throws ConnectViteError `ERR_ASSET_NOT_FOUND` (the function)
 */
export function createAssetFinder(
  build: Build,
  settings: CommonSettings,
): (path: string) => string {
  const { chunks, files, base } = build
  // Identical images are emitted once: the other source is only named in the `src` of the first.
  const bySource = new Map<string, string>()
  for (const { src, file } of chunks.values()) if (src !== undefined) bySource.set(src, file)

  const absolute = absoluteSources([...bySource.keys()], settings.root)

  // Without a directory, or with the manifest alone, the files are elsewhere.
  const areHere = [...chunks.values()].some(({ file }) => files.has(file))
  const isPublic = (file: string) => !areHere || files.has(file)

  function fileOf(path: string): string | undefined {
    const spellings = spellingsOf(path, base)
    for (const spelling of spellings) {
      const chunk = chunks.get(spelling)
      const built = chunk ? emitted(spelling, chunk) : bySource.get(spelling)
      if (built !== undefined && isPublic(built)) return built
    }
    return spellings.find((spelling) => files.has(spelling)) ?? absoluteOf(spellings)
  }

  function absoluteOf(spellings: readonly string[]): string | undefined {
    const source = spellings.map(absolute).find((key) => key !== undefined)
    const built = source === undefined ? undefined : bySource.get(source)
    return built !== undefined && isPublic(built) ? built : undefined
  }

  /** Public files on a CDN cannot be seen from here; a source file is not one of them. */
  function elsewhere(path: string): string | undefined {
    if (!isFullUrl(base) || areHere) return undefined
    const spelling = spellingsOf(path, base).at(-1)!
    return existsSync(resolve(settings.root, spelling)) ? undefined : spelling
  }

  return (path) => {
    const whole = fileOf(path)
    if (whole !== undefined) return encodePath(whole)
    const [name, suffix] = splitSuffix(path)
    const file = fileOf(name) ?? elsewhere(name)
    if (file === undefined) throw missingAsset(path, build, settings)
    return encodePath(file) + encodeUrl(suffix)
  }
}

/**
 * A stylesheet that is imported with `?url` is in the manifest by its absolute path on the machine that built it
 * (Vite 5 to 8), which is another one than this as a rule.
 */
function absoluteSources(
  sources: readonly string[],
  root: string,
): (spelling: string) => string | undefined {
  const absolute = sources.filter((source) => /^(?:\/|[a-z]:\/)/i.test(source))
  const isHere = absolute.some((source) => isBelow(root, source))
  return (spelling) => {
    if (isHere) return absolute.find((source) => source === slashed(resolve(root, spelling)))
    const ending = `/${spelling}`
    // A package of the same repository may have a file of the same path: its own root is deeper.
    return absolute
      .filter((source) => spelling !== '' && source.endsWith(ending))
      .sort((a, b) => a.length - b.length)[0]
  }
}

/**
 * An image that is an input, and that a script imports as well, is a chunk: its file is a script that exports
 * the URL. What was asked for lies beside it.
 */
function emitted(source: string, { file, assets = [] }: ManifestChunk): string {
  const alike = (name: string) => extname(name) === extname(source)
  return alike(file) ? file : (assets.find(alike) ?? file)
}

function missingAsset(path: string, build: Build, settings: CommonSettings): ConnectViteError {
  const { chunks, files, base } = build
  const near = path.length > 200 ? [] : nearest(path, [...chunks.keys(), ...files.keys()])
  const inSources = spellingsOf(path, base).some((spelling) =>
    existsSync(resolve(settings.root, spelling)),
  )
  return new ConnectViteError('ERR_ASSET_NOT_FOUND', {
    what: `The build has no asset ${JSON.stringify(path.slice(0, 200))}.`,
    didYouMean: near.map((name) => JSON.stringify(name)),
    lookedIn: [
      build.manifest.path ?? 'the manifest object',
      ...build.directories.slice(0, 1).map(({ outDir }) => outDir),
    ],
    likelyCause: inSources
      ? 'the file exists, but no script or stylesheet of the build imports it, or it is small enough to be inlined'
      : 'a wrong name: the file exists neither in the sources nor in what was built',
    remedy: `Import it (import.meta.glob takes whole directories), put it into public/, or make it an entry. ${addToInput('it')}`,
  })
}
