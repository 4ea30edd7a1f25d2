// Which file names carry a hash of the content. By their looks: the plugin's record knows it for certain, a manifest does not say.
import { posix } from 'node:path'
import type { Chunks } from './types.js'

/** Eight characters before the extension, as Rollup and Rolldown write them unless told otherwise. */
const HASH = /(?:^|[/._-])([\w-]{8})\.[^./]+$/

/** The hash in a file name of the usual pattern. */
export function hashIn(file: string): string | undefined {
  return HASH.exec(file)?.[1]
}

/** The files of a build whose names carry a hash. */
export interface HashedNames {
  /** An answer that is `immutable` cannot be recalled, so these are beyond doubt. */
  readonly certain: ReadonlySet<string>
  /** With those that may as well have a fixed name: enough to keep a file available after a rebuild. */
  readonly likely: ReadonlySet<string>
}

/**
 * Judges the files that a manifest lists. `my-checkout.js` has eight characters where a hash would be, but it is the
 * name of its own chunk. After the name of a chunk or source a hash is to be expected, elsewhere it has to be plain to see.
 */
export function hashedNames(chunks: Chunks, listed: ReadonlySet<string>): HashedNames {
  const names = new Set<string>()
  /** What a shared chunk (`_shared-B7PI925R.js`) is called where the manifest does not say. */
  const shared = new Set<string>()
  for (const [key, { src, name }] of chunks) {
    names.add(stem(key))
    if (key.startsWith('_')) shared.add(stem(key).slice(1))
    if (src !== undefined) names.add(stem(src))
    if (name !== undefined) names.add(posix.basename(name))
  }
  const certain = new Set<string>()
  const likely = new Set<string>()
  for (const file of listed) {
    const hash = hashIn(file)
    const whole = stem(file)
    if (hash === undefined || names.has(whole)) continue
    likely.add(file)
    const name = whole.slice(0, -hash.length - 1)
    const expected = names.has(name) || shared.has(name)
    if (isHash(hash, expected)) certain.add(file)
  }
  return { certain, likely }
}

/** Last segment without extension. By hand, because it is done for every name of a build while the app starts. */
function stem(path: string): string {
  const start = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  return path.slice(start, dot > start ? dot : undefined)
}

/** A version (`es2020v3`), a locale (`en-US-v1`), a date, a size (`1280x720`), or a word with a number at most. */
const NO_HASH =
  /v\d+$|(?:^|[-_])[a-z]{2}[-_][A-Z]{2}(?:[-_]|$)|^(?:19|20)\d\d[01]\d[0-3]\d$|^\d+x\d+$|^[A-Z]?[a-z]+\d{0,2}$/
const LETTERS = /^[A-Za-z]+(?:[-_][A-Za-z]+)*$/

/**
 * Where a hash is expected, everything is one but what is plainly none: that rejects 2 % of all hashes. Elsewhere the
 * characters have to look random, which 14 % of all hashes do not, and hardly a name does.
 */
function isHash(token: string, expected: boolean): boolean {
  if (NO_HASH.test(token)) return false
  return expected ? !LETTERS.test(token) || randomness(token) >= -1.5 : randomness(token) >= 1
}

/**
 * Compares two explanations of some characters: drawn at random from base64url, or written by people. These stay
 * within a class of characters (upper case, lower case, digits, separators), or go from one to the next as in words.
 * The natural logarithm of how much likelier the first is.
 */
function randomness(token: string): number {
  let score = 0
  let before = START
  for (let index = 0; index < token.length; index++) {
    const now = classOf(token.charCodeAt(index))
    score += Math.log(RANDOM[now]! / before[now]!)
    before = WRITTEN[now]!
  }
  return score
}

/** Shares of upper case, lower case, digits and separators in base64url. */
const RANDOM = [26 / 64, 26 / 64, 10 / 64, 2 / 64]
/** The same at the beginning of what people write, and after a character of each class. Estimates. */
const START = [0.2, 0.72, 0.07, 0.01]
const WRITTEN = [
  [0.4, 0.55, 0.03, 0.02],
  [0.04, 0.84, 0.06, 0.06],
  [0.05, 0.1, 0.65, 0.2],
  [0.15, 0.65, 0.19, 0.01],
]

function classOf(code: number): 0 | 1 | 2 | 3 {
  if (code >= 0x61) return 1 // a–z; `_` is below
  if (code === 0x5f || code === 0x2d) return 3 // _ and -
  return code >= 0x41 ? 0 : 2
}

/** Answers whether a name that is not there could have been one of a build. */
export type CouldBeBuilt = (file: string) => boolean

/** Loaded as code: here a page of the app would do most harm, and an app's own files are rarest. */
const CODE = /\.(?:m?js|css|wasm|map)$/
const MEDIA = /\.(?:woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|bmp)$/
/** `SemiBold`. */
const WORDS = /^(?:[A-Z]?[a-z]+){2}$/

/** @param hashed names of the build that are known to carry a hash, which may have another length than the usual one */
export function couldBeBuilt(hashed: Iterable<string>): CouldBeBuilt {
  const lengths = new Set([8])
  for (const file of hashed) {
    const length = /[-._]([A-Za-z0-9]{6,64})\.[^./]+$/.exec(file)?.[1]?.length
    if (length !== undefined) lengths.add(length)
  }
  return (file) => {
    const code = CODE.test(file)
    if (!code && !MEDIA.test(file)) return false
    const name = stem(file.replace(/\.map$/, ''))
    return [...lengths].some((length) => {
      const token = name.slice(-length)
      if (token.length < length || !/^[\w-]+$/.test(token)) return false
      // `analyzer.js`: a pattern without a name is rare.
      if (name.length === length) return isHash(token, false)
      if (!/[-._]/.test(name.charAt(name.length - length - 1))) return false
      return code || !(NO_HASH.test(token) || WORDS.test(token))
    })
  }
}
