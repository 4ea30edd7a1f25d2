// Dictionary-compressed Zstandard (RFC 9842): the encoder, for the server and for a build, and whether this Node has it.
import { createHash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

/** Zstandard with a dictionary, as Node 22.23, 24.21 and 26 have it; the types of Node 20 know none of it. */
interface Zstd {
  zstdCompress(
    bytes: Buffer,
    options: { dictionary: Buffer; params: Record<number, number> },
    done: (error: Error | null, result: Buffer) => void,
  ): void
  zstdCompressSync(bytes: Buffer, options: { dictionary: Buffer }): Buffer
}

const zstd = zlib as unknown as Partial<Zstd>
const { ZSTD_c_compressionLevel = 100, ZSTD_c_windowLog = 101 } =
  zlib.constants as unknown as Record<string, number>

/** 300 kB take 2 to 3 ms at this level. Level 19 saves a tenth more in a hundred times the time. */
const LEVEL = 3

/** RFC 9842 §3.2 lets every client refuse a larger window, so larger pairs are not encoded. */
export const LARGEST_WINDOW = 8 * 1024 * 1024

/** RFC 9842 §3.2: a skippable frame of 32 bytes, in which the dictionary's SHA-256 stands. */
const MAGIC = Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 0x20, 0x00, 0x00, 0x00])

/**
 * Whether zlib takes a dictionary for Zstandard. Found by trying: a version that does not know the option ignores
 * it, and 64 random bytes then stay 64 bytes.
 */
export function canEncodeDeltas(): boolean {
  if (zstd.zstdCompressSync === undefined) return false
  const sample = randomBytes(64)
  return zstd.zstdCompressSync(sample, { dictionary: sample }).length < sample.length
}

/** `bytes` as the difference to `dictionary`, header included. Works in the thread pool. */
export async function encodeDelta(
  bytes: Buffer,
  dictionary: Buffer,
  level = LEVEL,
): Promise<Buffer> {
  const frame = await promisify(zstd.zstdCompress!)(bytes, {
    dictionary,
    params: {
      [ZSTD_c_compressionLevel]: level,
      // A window that holds both: a shorter one would not reach back to the start of the dictionary.
      [ZSTD_c_windowLog]: Math.max(10, Math.ceil(Math.log2(bytes.length + dictionary.length))),
    },
  })
  return Buffer.concat([MAGIC, createHash('sha256').update(dictionary).digest(), frame])
}

/** A delta has to be this much smaller than the best other encoding. */
export function isWorthwhileDelta(length: number, other: number): boolean {
  return length <= other * 0.8
}
