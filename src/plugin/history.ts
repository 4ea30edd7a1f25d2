// The history of builds in one `outDir`: which hashed files each build made.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { staysBelow } from '../paths.js'
import type { KeepOptions } from './options.js'
import { readText, writeFileAtomically } from './write-file.js'

/** Where the history lies, relative to `outDir`: one `<number>.json` a build. Never served, like all of `.vite/`. */
export const HISTORY_DIRECTORY = '.vite/history'

const VERSION = 1
const DAY = 24 * 60 * 60 * 1000

export interface HistoryEntry {
  /** Counts up: clocks may go backwards, builds do not. */
  readonly number: number
  /** Milliseconds since the epoch. The build before was retired at this moment. */
  readonly builtAt: number
  /** Hashed files, relative to `outDir`. */
  readonly files: readonly string[]
  /** The hash in each of those names, as far as it is known. */
  readonly hashes: Readonly<Record<string, string>>
}

/** Relative to `outDir`. */
export function historyFiles(outDir: string): string[] {
  const directory = join(outDir, HISTORY_DIRECTORY)
  mkdirSync(directory, { recursive: true })
  return readdirSync(directory).map((name) => `${HISTORY_DIRECTORY}/${name}`)
}

/** Oldest first. What cannot be read is no build that could be kept. */
export function readHistory(outDir: string): HistoryEntry[] {
  return historyFiles(outDir)
    .flatMap((file) => readEntry(outDir, file))
    .sort((a, b) => a.number - b.number)
}

function readEntry(outDir: string, file: string): HistoryEntry[] {
  const number = Number(/\/(\d+)\.json$/.exec(file)?.[1])
  if (Number.isNaN(number)) return []
  try {
    const { version, builtAt, files, hashes } = JSON.parse(readText(join(outDir, file)) ?? '')
    const known = version === VERSION && Number.isFinite(builtAt) && Array.isArray(files)
    if (!known) return []
    const entry = { number, builtAt, files: files.map(String).filter(staysBelow) }
    return [{ ...entry, hashes: textsOf(hashes) }]
  } catch {
    return []
  }
}

/** An entry of an older release has none. */
function textsOf(table: unknown): Record<string, string> {
  const texts = Object.entries(table ?? {}).filter(([, text]) => typeof text === 'string')
  return Object.assign(Object.create(null), Object.fromEntries(texts))
}

/** Adds a build, unless it made the very files of the newest one: building twice must not push out an old one. */
export function addToHistory(
  outDir: string,
  history: readonly HistoryEntry[],
  hashed: ReadonlyMap<string, string>,
): HistoryEntry[] {
  const newest = history.at(-1)
  const sorted = [...hashed.keys()].sort()
  if (newest && sorted.join('\n') === [...newest.files].sort().join('\n')) return [...history]
  const hashes = Object.fromEntries([...hashed].filter(([, hash]) => hash !== '').sort())
  const number = (newest?.number ?? 0) + 1
  const entry = { number, builtAt: Date.now(), files: sorted, hashes }
  const { number: _, ...content } = entry
  writeFileAtomically(
    join(outDir, HISTORY_DIRECTORY, `${number}.json`),
    `${JSON.stringify({ version: VERSION, ...content }, null, 2)}\n`,
  )
  return [...history, entry]
}

/** Which builds stay, and which have had their time. The newest always stays. */
export function divideHistory(
  history: readonly HistoryEntry[],
  { builds = Number.POSITIVE_INFINITY, days = Number.POSITIVE_INFINITY }: KeepOptions,
  now = Date.now(),
): { kept: HistoryEntry[]; dropped: HistoryEntry[] } {
  const stays = (_: HistoryEntry, index: number) => {
    const successor = history[index + 1]
    if (!successor) return true
    return history.length - index <= builds && now - successor.builtAt <= days * DAY
  }
  return {
    kept: history.filter(stays),
    dropped: history.filter((entry, index) => !stays(entry, index)),
  }
}

export function dropFromHistory(outDir: string, dropped: readonly HistoryEntry[]): void {
  for (const { number } of dropped) {
    rmSync(join(outDir, HISTORY_DIRECTORY, `${number}.json`), { force: true })
  }
}
