// The option `compress`: `.br` and `.gz` siblings of built files, at the highest level, because a build has the time.
import { readFile } from 'node:fs/promises'
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

/** All files of `outDir`, those of `public/` too. `done` have their siblings from an earlier build. */
export async function compressFiles(outDir: string, done: ReadonlySet<string>): Promise<void> {
  const files = (await listFiles(outDir)).filter((file) => !done.has(file) && isWorthwhile(file))
  const line = files[Symbol.iterator]()
  async function work(): Promise<void> {
    // One iterator, several workers: each takes the next file.
    for (const file of line) await compressFile(join(outDir, file))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

/** Maps are read by a developer's tools alone; what begins with a dot is not served. */
function isWorthwhile(file: string): boolean {
  if (/(?:^|\/)\.(?!well-known\/)/.test(file) || file.endsWith('.map')) return false
  return isCompressible(contentType(file))
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
