// How @vitejs/plugin-legacy names what it adds to a manifest; there is no field that says so.
import { posix } from 'node:path'
import { isEntry, isStylesheet } from './kinds.js'
import type { Chunks } from './types.js'

/** Polyfill chunks. With a working directory other than root, their keys begin with `../`. */
const POLYFILLS = /(?:^|\/)vite\/legacy-polyfills(-legacy)?$/

/** Keys of the polyfills, where the build has them. */
export interface Polyfills {
  modern: string | undefined
  legacy: string | undefined
}

export function polyfillsOf(chunks: Chunks): Polyfills {
  const found: Polyfills = { modern: undefined, legacy: undefined }
  for (const key of chunks.keys()) {
    const match = POLYFILLS.exec(key)
    if (match) found[match[1] ? 'legacy' : 'modern'] = key
  }
  return found
}

/** `views/foo.js` → `views/foo-legacy.js`. */
export function legacyKey(key: string): string {
  const extension = posix.extname(key)
  return `${key.slice(0, key.length - extension.length)}-legacy${extension}`
}

/** Whether an entry of a legacy build is for SystemJS, be it a twin or the only one of its name. */
export function isLegacyChunk(key: string): boolean {
  return posix.basename(key, posix.extname(key)).endsWith('-legacy')
}

/**
 * The key of the twin that plugin-legacy made of an entry. It bears the name of the modern one, whereas a
 * `foo-legacy.js` that somebody wrote has a name of its own; a stylesheet's twin is a script.
 */
export function twinOf(chunks: Chunks, key: string): string | undefined {
  const modern = chunks.get(key)
  const twin = chunks.get(legacyKey(key))
  if (!modern || !twin || !isEntry(twin)) return undefined
  const made = modern.name === twin.name || isStylesheet(modern.file) !== isStylesheet(twin.file)
  return made ? legacyKey(key) : undefined
}
