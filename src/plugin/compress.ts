// The option `compress`: `.br` and `.gz` siblings of built files, at the highest level, because a build has the time.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { scanDirectory } from '../build/scan.js'
import { contentType, isCompressible } from '../media-type.js'
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
  // A link's target has siblings beside itself.
  const files = [...scanDirectory(outDir).files.values()].filter(
    ({ file, real }) => file === real && isWorthwhile(file) && !skip(file),
  )
  const line = files[Symbol.iterator]()
  async function work(): Promise<void> {
    // One iterator, several workers: each takes the next file.
    for (const { file, path, size } of line) {
      if (size > LARGEST) warn(`[connect-vite] ${file} is not compressed: it is larger than 2 GiB.`)
      else
        await compressFile(path).catch((error: Error) => {
          warn(`[connect-vite] ${file} is not compressed: ${error.message}.`)
        })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

/** Maps are read by a developer's tools alone. */
function isWorthwhile(file: string): boolean {
  return !file.endsWith('.map') && isCompressible(contentType(file))
}

async function compressFile(path: string): Promise<void> {
  const body = await readFile(path)
  for (const [extension, compress] of Object.entries(codings)) {
    const compressed = await compress(body)
    // In one step: a sibling cut short would be younger and smaller than its file, and so be served.
    if (compressed.length <= body.length * WORTH) {
      writeFileAtomically(`${path}.${extension}`, compressed)
    }
  }
}
