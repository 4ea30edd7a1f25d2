// One served file: what the scan says of it and, once somebody asked for it, what it holds.

import { contentType, isCompressible } from '../media-type.js'
import type { Coding } from './codings.js'
import { type HeaderBlock, Representation } from './representation.js'
import { isFit, type ScannedFile, type Stamp } from './scan.js'

export interface Asset {
  readonly source: ScannedFile
  readonly immutable: boolean
  readonly type: string
  /** Gets the encodings that the build did not make. */
  readonly compress: boolean
  readonly cacheControl: string
  /** Too big for memory: streamed, and looked at anew for each request. */
  large: boolean
  content: Content | undefined
}

/** What a file held when it was last read. */
export interface Content {
  readonly size: number
  readonly mtimeMs: number
  readonly hash: string
  readonly identity: Representation
  /** Smallest first. */
  encoded: readonly Representation[]
  /** Somebody wanted it, so that compressing it is worth while. */
  used: boolean
}

/** What holds for all files of a server. */
export interface AssetOptions {
  /** Seconds, for files that are not immutable. */
  readonly maxAge: number
  readonly compress: boolean
  /** Size of the largest file that is kept in memory. */
  readonly largest: number
}

/** At this size a file fits into the first packet anyway. */
const SMALLEST_COMPRESSED = 1024

export function createAsset(source: ScannedFile, immutable: boolean, options: AssetOptions): Asset {
  const type = contentType(source.file)
  const large = source.size > options.largest
  const compress =
    options.compress && !large && source.size > SMALLEST_COMPRESSED && isCompressible(type)
  return {
    source,
    immutable,
    type,
    compress,
    cacheControl: immutable
      ? 'public, max-age=31536000, immutable'
      : `public, max-age=${deltaSeconds(options.maxAge)}, must-revalidate`,
    large,
    content: undefined,
  }
}

/** A whole number, and none that a cache cannot hold (RFC 9111 §1.2.2). */
function deltaSeconds(seconds: number): number {
  return Math.min(Math.floor(seconds), 2 ** 31)
}

/** Headers of every answer about a file. */
function commonHeaders({ source, immutable, compress, cacheControl }: Asset): HeaderBlock {
  return {
    'Cache-Control': cacheControl,
    // From the first, still plain answer on: a shared cache must not keep that one for everybody.
    ...((compress || source.encodings.length > 0) && { Vary: 'Accept-Encoding' }),
    // Public by nature; fonts, modules and integrity checks need it once a CDN is in front.
    ...(immutable && { 'Access-Control-Allow-Origin': '*' }),
    'X-Content-Type-Options': 'nosniff',
  }
}

/** The content of a file of which `size`, `mtimeMs` and `hash` have just been found. */
export function createContent(asset: Asset, { size, mtimeMs }: Stamp, hash: string): Content {
  const { source, type } = asset
  // A clock that was ahead when the file was written must not show (RFC 9110 §8.8.2.1).
  const lastModified = new Date(Math.min(mtimeMs, Date.now())).toUTCString()
  const parts = { type, common: commonHeaders(asset), hash, lastModified }
  const identity = new Representation({ ...parts, coding: undefined, length: size, source })
  const content: Content = { size, mtimeMs, hash, identity, encoded: [], used: false }
  for (const sibling of source.encodings) {
    // Siblings were made of what the scan saw, and the file may be another by now.
    if (size === source.size && isFit(sibling, content)) {
      const { coding, size: length } = sibling
      addEncoded(content, new Representation({ ...parts, coding, length, source: sibling }))
    }
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
  const { hash, identity } = content
  const compressed = new Representation({
    type: asset.type,
    common: commonHeaders(asset),
    coding,
    length,
    hash,
    lastModified: identity.lastModified,
    source: undefined,
  })
  compressed.forgotten = () => {
    removeEncoded(content, compressed)
    content.used = false // the next use may make it again
  }
  return compressed
}

export function addEncoded(content: Content, added: Representation): void {
  content.encoded = [...content.encoded, added].sort((a, b) => a.length - b.length)
}

export function removeEncoded(content: Content, gone: Representation): void {
  content.encoded = content.encoded.filter((representation) => representation !== gone)
}

/** Whether two looks at a file saw the same. */
export function isSame(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs
}
