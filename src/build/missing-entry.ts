// ERR_ENTRY_NOT_FOUND: says what was asked, where it was looked for, and why it is not there this time.
import { statSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
import { addToInput } from '../inputs.js'
import type { Lookup } from './lookup.js'
import { spellingsOf } from './lookup.js'
import type { ManifestOrigin } from './types.js'

export interface MissingEntry {
  readonly asked: string
  readonly lookup: Lookup
  readonly manifest: ManifestOrigin
  readonly root: string
  readonly base: string
}

export function missingEntry(missing: MissingEntry): ConnectViteError {
  const { asked, lookup, manifest } = missing
  const near = suggestions(asked, lookup)
  const { likelyCause, remedy } = causeOf(missing)
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `There is no entry ${quote(asked)} in the build.`,
    didYouMean: near.map(quote),
    lookedIn: describe(manifest) + contents(lookup, near),
    likelyCause,
    remedy,
  })
}

function causeOf({ asked, lookup, manifest, root, base }: MissingEntry): {
  likelyCause: string
  remedy: string
} {
  const found = lookup.find(asked)
  if (found.reason === 'ambiguous')
    return {
      likelyCause: `${found.keys.length} entries share the name ${quote(asked)}: ${found.keys.map(quote).join(' and ')}`,
      remedy: 'Ask for one of these keys instead of the name.',
    }
  if (lookup.entries.length === 0)
    return {
      likelyCause:
        'the manifest has no entries at all; the build had no script or stylesheet as input',
      remedy: `${addToInput(quote(asked))} Then build again (vite build).`,
    }
  if (found.reason === 'no-entry')
    return {
      likelyCause: `${quote(found.chunk)} is in the manifest, but it is a chunk, not an entry: others import it`,
      remedy: `${addToInput('it')} Or ask for the entry that imports it. For an image or font, use viteAsset().`,
    }

  const source = sourceOf(asked, root, base)
  if (source && manifest.mtime !== undefined && source.mtime > manifest.mtime)
    return {
      likelyCause: `the build is older than ${source.path}`,
      remedy: `Build again (vite build). If that does not help, the file is not an input. ${addToInput('it')}`,
    }
  if (source)
    return {
      likelyCause: asked.endsWith('.html')
        ? `${source.path} exists, but it has no separate chunk: it is not a build input, or it shares its script with another page`
        : `${source.path} exists, but it is not a build input`,
      remedy: `${addToInput(quote(asked))} Then build again (vite build).`,
    }
  return {
    likelyCause: `a wrong name: no file ${quote(asked)} exists in ${root} either`,
    remedy:
      "Ask for one of the entries that the manifest has, by its path from Vite's root or by its name.",
  }
}

/** The source file that was meant, if it exists. */
function sourceOf(asked: string, root: string, base: string) {
  for (const spelling of spellingsOf(asked, base).reverse()) {
    const path = resolve(root, spelling)
    const mtime = writtenAt(path)
    if (mtime !== undefined) return { path, mtime }
  }
  return undefined
}

function writtenAt(path: string): number | undefined {
  try {
    const stats = statSync(path)
    return stats.isFile() ? stats.mtimeMs : undefined
  } catch {
    // Whatever cannot be asked for (too long, a NUL byte, not there) is no file.
    return undefined
  }
}

/**
 * Keys and names that may have been meant: those of a file with that name in another directory or of another
 * kind, then those with a letter too many. Nobody mistypes two hundred letters, and a comparison costs time.
 */
function suggestions(asked: string, { entries, names }: Lookup): string[] {
  if (asked.length > 200) return []
  const wanted = stem(asked)
  const namesakes = entries.filter((key) => stem(key) === wanted)
  const near = new Set([...namesakes, ...nearest(asked, [...entries, ...names.keys()])])
  near.delete(asked)
  return [...near].slice(0, MOST_SUGGESTED)
}

const MOST_SUGGESTED = 3

/** `src/main.ts` → `main`. */
function stem(path: string): string {
  return posix.parse(path).name
}

function describe({ path, mtime }: ManifestOrigin): string {
  if (path === undefined) return 'the manifest object that was given as an option'
  return mtime === undefined ? path : `${path} (written ${age(Date.now() - mtime)} ago)`
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** `3 hours`, `1 minute`, `0 seconds`. */
export function age(milliseconds: number): string {
  const [unit, size] = UNITS.find(([, least]) => milliseconds >= least) ?? UNITS[3]
  const count = Math.max(0, Math.floor(milliseconds / size))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

const MOST_LISTED = 10

/** What the manifest has instead, the likeliest first. */
function contents({ entries }: Lookup, near: readonly string[]): string {
  if (entries.length === 0) return ''
  const likeliest = near.filter((key) => entries.includes(key))
  const shown = [...new Set([...likeliest, ...entries.slice(0, MOST_LISTED)])].slice(0, MOST_LISTED)
  const more = entries.length - shown.length
  return `, which has the entries ${shown.map(quote).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
