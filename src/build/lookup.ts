// Finds the entry that somebody asks for, by key or by name.
import { isEntry, isLoadable } from './kinds.js'
import { legacyKey, polyfillsOf, twinOf } from './legacy.js'
import type { Chunks } from './types.js'

/** The key of an entry, or what is known about why there is none. */
export type Found =
  | { key: string; reason?: undefined }
  | { key?: undefined; reason: 'ambiguous'; keys: readonly string[] }
  | { key?: undefined; reason: 'no-entry'; chunk: string }
  | { key?: undefined; reason: 'unknown' }

/** Finds entries in constant time, however large the manifest is. */
export interface Lookup {
  /** Manifest keys of the entries that people write; plugin-legacy's additions are not among them. */
  readonly entries: readonly string[]
  /** `name` → keys of the entries that bear it. */
  readonly names: ReadonlyMap<string, readonly string[]>
  find(asked: string): Found
}

export function createLookup(chunks: Chunks, base: string): Lookup {
  const has = (key: string) => {
    const chunk = chunks.get(key)
    return chunk !== undefined && isEntry(chunk) && isLoadable(chunk.file)
  }
  const polyfills = polyfillsOf(chunks)
  const all = [...chunks.keys()].filter(has)
  const added = new Set([
    polyfills.modern,
    polyfills.legacy,
    ...all.map((key) => twinOf(chunks, key)),
  ])
  const entries = all.filter((key) => !added.has(key))
  const names = new Map<string, string[]>()
  for (const key of entries) {
    const name = chunks.get(key)?.name
    if (name === undefined) continue
    const same = names.get(name)
    if (same) same.push(key)
    else names.set(name, [key])
  }

  // A build without modern chunks knows `views/foo.js` as `views/foo-legacy.js` alone.
  function find(asked: string): Found {
    const spellings = spellingsOf(asked, base)
    const key = spellings.find(has) ?? (polyfills.legacy && spellings.map(legacyKey).find(has))
    if (key !== undefined) return { key }

    const named = names.get(asked) ?? virtual(asked)
    if (named?.length === 1) return { key: named[0]! }
    if (named?.length) return { reason: 'ambiguous', keys: named }

    const chunk = spellings.find((spelling) => chunks.has(spelling)) ?? chunkNamed(asked)
    return chunk === undefined ? { reason: 'unknown' } : { reason: 'no-entry', chunk }
  }

  function chunkNamed(name: string): string | undefined {
    for (const [key, chunk] of chunks) if (chunk.name === name) return key
    return undefined
  }

  /** Vite writes `../../virtual:app` when it was not started in root. */
  function virtual(asked: string): string[] | undefined {
    if (!asked.startsWith('virtual:')) return undefined
    return entries.filter((key) => key.endsWith(`/${asked}`))
  }

  return { entries, names, find }
}

/** The key as it was written, then without a leading `/`, `./` or the base. */
export function spellingsOf(asked: string, base: string): string[] {
  const prefixes = ['', '/', './', base, pathOf(base)].filter((prefix) => asked.startsWith(prefix))
  return [...new Set(prefixes)].map((prefix) => asked.slice(prefix.length))
}

/** What a full URL and a path have in common: `https://cdn.test/x/` → `/x/`. */
function pathOf(base: string): string {
  return base.replace(/^(?:https?:)?\/\/[^/]+/, '')
}
