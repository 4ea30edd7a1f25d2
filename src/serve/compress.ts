// Encodings that the build did not make: once per file, in the thread pool, after the first request for the file.
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { BROTLI, type Coding, GZIP } from '../codings.js'
import { type Asset, addEncoded, createCompressed } from './asset.js'
import type { Memory } from './memory.js'
import { createQueue } from './queue.js'

/** Some 25 ms a megabyte each. Brotli 11 would save a tenth more for sixty times the work: that is for the build. */
const METHODS: ReadonlyArray<readonly [Coding, (bytes: Buffer) => Promise<Buffer>]> = [
  [
    BROTLI,
    (bytes) =>
      promisify(brotliCompress)(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 5,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          [constants.BROTLI_PARAM_LGWIN]: windowFor(bytes.length),
        },
      }),
  ],
  [GZIP, (bytes) => promisify(gzip)(bytes, { level: 6 })],
]

/** A window as big as the text finds everything in it; the usual 4 MB for each file would only cost memory. */
function windowFor(length: number): number {
  const bits = Math.ceil(Math.log2(length + 16)) // 16 bytes of it are not for the text: RFC 7932, section 9.1
  return Math.min(22, Math.max(10, bits))
}

/** What is kept of a body: less than this share saved isn't worth the client's work. */
const WORTHWHILE = 0.95

export interface Compressor {
  /** Makes the encodings that `asset` lacks, later. */
  schedule(asset: Asset): void
  close(): void
}

export function createCompressor(memory: Memory): Compressor {
  // Two of the thread pool's four: reading files must not wait for this.
  const queue = createQueue(2)

  async function compress(asset: Asset): Promise<void> {
    const { content } = asset
    if (content === undefined) return
    for (const [coding, encode] of METHODS) {
      if (content.encoded.some((one) => one.coding === coding)) continue
      const { bytes } = content.identity
      if (bytes === undefined) {
        content.used = false // pushed out meanwhile: not in such demand, or another time
        return
      }
      const smaller = await encode(bytes)
      if (asset.content !== content) return // it changed meanwhile
      if (smaller.length > bytes.length * WORTHWHILE) continue
      const representation = createCompressed(asset, content, coding, smaller.length)
      addEncoded(content, representation)
      memory.put(representation, smaller)
    }
  }

  return {
    schedule(asset) {
      if (asset.compress) queue.push(() => compress(asset))
    },
    close: queue.close,
  }
}
