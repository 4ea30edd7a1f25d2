// Deltas of `compress` to the newest kept build (RFC 9842), so that a returning visitor's first request is small.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DELTA_DIRECTORY,
  DELTA_INDEX,
  DELTA_VERSION,
  type DeltaEntry,
} from '../build/built-deltas.js'
import { canEncodeDeltas, encodeDelta, isWorthwhileDelta, LARGEST_WINDOW } from '../delta.js'
import type { HashedFiles } from './hashed.js'
import { writeFileAtomically } from './write-file.js'

/** A build has the time: a tenth less than at the server's level. */
const LEVEL = 19

/** Files whose text resembles that of the same file in the build before. */
const RESEMBLES = /\.(?:m?js|css)$/

/** Writes them, and the index. Where this Node's zlib cannot make them there is neither. */
export async function writeDeltas(
  outDir: string,
  hashed: HashedFiles,
  before: HashedFiles,
): Promise<void> {
  rmSync(join(outDir, DELTA_DIRECTORY), { recursive: true, force: true })
  rmSync(join(outDir, DELTA_INDEX), { force: true })
  if (!canEncodeDeltas()) return
  const families = new Map([...before].map(([file, hash]) => [familyOf(file, hash), file]))
  const deltas: DeltaEntry[] = []
  for (const [file, hash] of hashed) {
    const older = families.get(familyOf(file, hash))
    if (older === undefined || older === file || !RESEMBLES.test(file)) continue
    const delta = await makeDelta(outDir, file, older)
    if (delta) deltas.push(delta)
  }
  const index = { version: DELTA_VERSION, deltas }
  writeFileAtomically(join(outDir, DELTA_INDEX), `${JSON.stringify(index, null, 2)}\n`)
}

/** Of a name without a known hash there is no other. */
function familyOf(file: string, hash: string): string {
  return hash === '' ? file : file.split(hash).join('*')
}

async function makeDelta(
  outDir: string,
  file: string,
  older: string,
): Promise<DeltaEntry | undefined> {
  const [bytes, dictionary] = await Promise.all(
    [file, older].map((name) => readFile(join(outDir, name))),
  )
  if (!bytes || !dictionary || bytes.length + dictionary.length > LARGEST_WINDOW) return undefined
  const delta = await encodeDelta(bytes, dictionary, LEVEL)
  if (!isWorthwhileDelta(delta.length, await smallest(join(outDir, file)))) return undefined
  const digest = digestOf(bytes)
  const name = `${digest.slice(0, 16)}-${digestOf(dictionary).slice(0, 16)}.dcz`
  writeFileAtomically(join(outDir, DELTA_DIRECTORY, name), delta)
  return { file, digest, dictionary: digestOf(dictionary), name, size: delta.length }
}

/** The size of the best other encoding. */
async function smallest(path: string): Promise<number> {
  const sizes = ['', '.br', '.gz', '.zst'].map(async (ending) =>
    stat(path + ending).then(
      ({ size }) => size,
      () => Number.POSITIVE_INFINITY,
    ),
  )
  return Math.min(...(await Promise.all(sizes)))
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
