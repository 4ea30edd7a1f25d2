// The option `compress`: `.br` and `.gz` siblings of built files, at the highest level, because a build has the time.
import { lstat, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { contentType, isCompressible } from '../media-type.js'
import { listFiles } from './list-files.js'
import { writeFileAtomically } from './write-file.js'

/** A sibling has to be worth its place: at least 5 % smaller. */
const WORTH = 0.95

const codings: Record<string, (body: Buffer) => Promise<Buffer>> = {
  br: (body) =>
    promisify(brotliCompress)(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  gz: (body) => promisify(gzip)(body, { level: 9 }),
}

/** Node reads no larger file in one piece, and at these levels more would take hours. */
const LARGEST = 2 ** 31 - 1

/**
 * All plain files of `outDir`, those of `public/` too.
 *
 * @param skip files that need no siblings: those of kept builds, and of server builds
 * @param warn called with one sentence for each file that cannot be compressed
 */
export async function compressFiles(
  outDir: string,
  skip: (file: string) => boolean,
  warn: (problem: string) => void,
): Promise<void> {
  const files = (await listFiles(outDir)).filter((file) => isWorthwhile(file) && !skip(file))
  const line = files[Symbol.iterator]()
  async function work(): Promise<void> {
    // One iterator, several workers: each takes the next file.
    for (const file of line) {
      const body = await bodyOf(join(outDir, file)).catch((error: Error) => {
        warn(`[connect-vite] ${file} is not compressed: ${error.message}.`)
      })
      if (body) await compressFile(join(outDir, file), body)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

/** Maps are read by a developer's tools alone; what begins with a dot is not served. */
function isWorthwhile(file: string): boolean {
  if (/(?:^|\/)\.(?!well-known\/)/.test(file) || file.endsWith('.map')) return false
  return isCompressible(contentType(file))
}

/** Nothing for a link, whose target has siblings beside itself, nor for a pipe, which could be read for ever. */
async function bodyOf(path: string): Promise<Buffer | undefined> {
  const status = await lstat(path)
  if (!status.isFile()) return undefined
  if (status.size > LARGEST) throw new Error('it is larger than 2 GiB')
  return readFile(path)
}

async function compressFile(path: string, body: Buffer): Promise<void> {
  for (const [extension, compress] of Object.entries(codings)) {
    const compressed = await compress(body)
    // In one step: a sibling cut short would be younger and smaller than its file, and so be served.
    if (compressed.length <= body.length * WORTH) {
      writeFileAtomically(`${path}.${extension}`, compressed)
    }
  }
}
