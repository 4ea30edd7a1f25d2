// One public file: what the scan found and, after the first request for it, its content.
import type { Stamp } from '../build/scan.js'
import { isFit, type ServedFile } from '../build/served.js'
import { type Coding, DCZ } from '../codings.js'
import { contentType, isCompressible } from '../media-type.js'
import { type HeaderBlock, Representation } from './representation.js'

export interface Asset {
  readonly source: ServedFile
  readonly type: string
  /** Gets the encodings that the build did not make. */
  readonly compress: boolean
  /** A middleware between this one and the client may compress it. */
  readonly compressible: boolean
  /** Pages of another origin load it. */
  readonly crossOrigin: boolean
  readonly cacheControl: string
  /** What its name has in common with that of the same file in other builds; for scripts and stylesheets with a hash. */
  readonly family: string | undefined
  /** `Use-As-Dictionary`, where clients may keep the file as a dictionary. */
  readonly useAsDictionary: string | undefined
  /** Up to this size its bytes are kept in memory. */
  readonly largest: number
  /** Too big for memory: streamed, and looked at anew for each request. */
  large: boolean
  content: Content | undefined
}

/** What a file held when it was last read. */
export interface Content {
  readonly size: number
  readonly mtimeMs: number
  /** SHA-256 of the file as it is, in base64url. */
  readonly digest: string
  readonly identity: Representation
  /** Smallest first. */
  encoded: readonly Representation[]
  /** Deltas by the digest of their dictionary; `undefined` for one that is not worth sending, or not ready yet. */
  readonly deltas: Map<string, Representation | undefined>
  /** It was asked for, so that compressing it is worth while. */
  used: boolean
}

/** What holds for all files of a server. */
export interface AssetOptions {
  /** Seconds, for files that are not immutable. */
  readonly maxAge: number
  readonly compress: boolean
  /** Bytes of bodies kept in memory. */
  readonly cacheSize: number
  /** Whether this server makes deltas. */
  readonly dictionaries: boolean
  /** Whether pages of another origin load the files: the base is the URL of a CDN. */
  readonly crossOrigin: boolean
}

/** Beyond this size streaming costs little, and one download would push out everything else. */
const LARGEST_IN_MEMORY = 8 * 1024 * 1024
/** The share of `cacheSize` that one file may take for being compressed. */
const COMPRESSED_SHARE = 1 / 4

/** Characters of a digest that make an entity tag: 132 bits, so no two contents of one file share one. */
export const TAG_LENGTH = 22

/** At this size a file fits into the first packet anyway. */
const SMALLEST_COMPRESSED = 1024

/** How a file takes part in dictionary compression. */
export type DictionaryUse = Pick<Asset, 'family' | 'useAsDictionary'>

export const NO_DICTIONARY: DictionaryUse = { family: undefined, useAsDictionary: undefined }

export function createAsset(
  source: ServedFile,
  options: AssetOptions,
  { family, useAsDictionary }: DictionaryUse = NO_DICTIONARY,
): Asset {
  const type = contentType(source.file)
  const compressible = isCompressible(type)
  const { cacheSize } = options
  const largestCompressed = cacheSize * COMPRESSED_SHARE
  const largest = Math.min(
    cacheSize,
    Math.max(LARGEST_IN_MEMORY, options.compress && compressible ? largestCompressed : 0),
  )
  const { size } = source
  const compress =
    options.compress && compressible && size > SMALLEST_COMPRESSED && size <= largestCompressed
  return {
    source,
    type,
    compress,
    compressible,
    crossOrigin: options.crossOrigin,
    cacheControl: source.immutable
      ? 'public, max-age=31536000, immutable'
      : `public, max-age=${deltaSeconds(options.maxAge)}, must-revalidate`,
    family,
    useAsDictionary,
    largest,
    large: size > largest,
    content: undefined,
  }
}

/** A whole number, and none that a cache cannot hold (RFC 9111 §1.2.2). */
function deltaSeconds(seconds: number): number {
  return Math.min(Math.floor(seconds), 2 ** 31)
}

/** Headers of every answer about a file. */
function commonHeaders(asset: Asset): HeaderBlock {
  const { source, compress, crossOrigin, cacheControl, useAsDictionary } = asset
  const encodings = compress || source.encodings.length > 0
  return {
    'Cache-Control': cacheControl,
    // From the first, still plain answer on: a shared cache must not keep that one for every client.
    ...(encodings && !useAsDictionary && { Vary: 'Accept-Encoding' }),
    ...(useAsDictionary && {
      Vary: 'Accept-Encoding, Available-Dictionary',
      'Use-As-Dictionary': useAsDictionary,
    }),
    // Public by nature; fonts, modules and integrity checks need it once a CDN is in front.
    ...((source.immutable || crossOrigin) && { 'Access-Control-Allow-Origin': '*' }),
    ...(crossOrigin && { 'Cross-Origin-Resource-Policy': 'cross-origin' }),
    'X-Content-Type-Options': 'nosniff',
  }
}

/** The content of a file of which `size`, `mtimeMs` and `hash` have just been found. */
export function createContent(asset: Asset, { size, mtimeMs }: Stamp, digest: string): Content {
  const { source, type } = asset
  // A clock that was ahead when the file was written must not show (RFC 9110 §8.8.2.1).
  const lastModified = new Date(Math.min(mtimeMs, Date.now())).toUTCString()
  const parts = {
    type,
    common: commonHeaders(asset),
    hash: digest.slice(0, TAG_LENGTH),
    lastModified,
  }
  const identity = new Representation({ ...parts, coding: undefined, length: size, source })
  const deltas: Content['deltas'] = new Map()
  const content: Content = { size, mtimeMs, digest, identity, encoded: [], deltas, used: false }
  for (const sibling of source.encodings) {
    // Siblings were made of what the scan saw, and the file may be another by now.
    if (size === source.size && isFit(sibling, content, source.immutable)) {
      const { coding, size: length } = sibling
      addEncoded(content, new Representation({ ...parts, coding, length, source: sibling }))
    }
  }
  for (const delta of source.deltas ?? []) {
    if (asset.useAsDictionary === undefined || delta.digest !== digest) continue
    const { headers, coding } = deltaOf(asset, delta.dictionary)
    const made = new Representation({
      ...parts,
      common: headers,
      coding,
      length: delta.size,
      source: delta,
    })
    deltas.set(delta.dictionary, made)
  }
  return content
}

/** A representation of bytes that are nowhere but in memory. */
export function createCompressed(
  asset: Asset,
  content: Content,
  coding: Coding,
  length: number,
): Representation {
  const compressed = inMemory(asset, content, coding, length, commonHeaders(asset))
  compressed.forgotten = () => {
    removeEncoded(content, compressed)
    content.used = false // the next use may make it again
  }
  return compressed
}

/** The difference to a dictionary: a representation for the clients that have the dictionary, and for no others. */
export function createDelta(
  asset: Asset,
  content: Content,
  dictionary: string,
  length: number,
): Representation {
  const { headers, coding } = deltaOf(asset, dictionary)
  const delta = inMemory(asset, content, coding, length, headers)
  delta.forgotten = () => {
    content.deltas.delete(dictionary)
  }
  return delta
}

function deltaOf(asset: Asset, dictionary: string): { headers: HeaderBlock; coding: Coding } {
  return {
    coding: { ...DCZ, tag: `${DCZ.tag}-${dictionary.slice(0, TAG_LENGTH)}` },
    headers: {
      ...commonHeaders(asset),
      // A shared cache that does not know `Vary` would hand it to clients that cannot read it.
      'Cache-Control': asset.cacheControl.replace('public', 'private'),
    },
  }
}

function inMemory(
  { type }: Asset,
  { digest, identity: { lastModified } }: Content,
  coding: Coding,
  length: number,
  common: HeaderBlock,
): Representation {
  const hash = digest.slice(0, TAG_LENGTH)
  return new Representation({ type, common, coding, length, hash, lastModified, source: undefined })
}

/** The smallest encoding that the client takes, else the file as it is. */
export function bestEncoding({ identity, encoded }: Content, accepted: number): Representation {
  return encoded.find(({ coding }) => (accepted & coding!.bit) !== 0) ?? identity
}

export function addEncoded(content: Content, added: Representation): void {
  content.encoded = [...content.encoded, added].sort((a, b) => a.length - b.length)
}

export function removeEncoded(content: Content, gone: Representation): void {
  content.encoded = content.encoded.filter((representation) => representation !== gone)
}

/** All that is known of a content in any encoding. */
export function representations({ identity, encoded, deltas }: Content): Representation[] {
  return [identity, ...encoded, ...[...deltas.values()].filter((delta) => delta !== undefined)]
}

/** Whether two looks at a file saw the same. */
export function isSame(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs
}
