// The option `keep`: hashed files of earlier builds stay in `outDir`, and a history there says which build made them.
// Stale files are removed after the build, not before it as Vite does: a build that fails has removed nothing.
import { existsSync, mkdirSync, readdirSync, rmSync, type Stats } from 'node:fs'
import { lstat, readdir, rm, rmdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Plugin } from 'vite'
import { readRecord } from '../build/record.js'
import { isBelow, relativeTo } from '../paths.js'
import type { KeepOptions } from './options.js'
import { overClientBuild, type Target } from './vite-majors.js'
import { readText, writeFileAtomically } from './write-file.js'

/** What the user set for `build.emptyOutDir`; `null` is Vite's word for "if it lies in root". */
export type EmptyOutDir = boolean | null | undefined

/** Takes the emptying over from Vite. */
export function emptyingPlugin(remember: (wanted: EmptyOutDir) => void): Plugin {
  return {
    name: 'connect-vite:keep',
    apply: 'build',
    enforce: 'post',
    ...overClientBuild(({ build }) => {
      remember(build.emptyOutDir)
      return { emptyOutDir: false }
    }),
  }
}

export interface Keeper {
  /**
   * Enters this build in the history, and removes what no kept build names.
   *
   * @returns hashed files of earlier builds that stay
   */
  finish(hashed: ReadonlySet<string>, files: ReadonlySet<string>): Promise<string[]>
}

/** Called before the build writes: looks at what is there. */
export async function createKeeper(
  { outDir, root }: Target,
  keep: KeepOptions,
  emptyOutDir: EmptyOutDir,
): Promise<Keeper> {
  const empties = emptyOutDir ?? isBelow(root, outDir)
  const before = await changeTimes(outDir)
  if (before.size > 0) adoptBuild(outDir)

  return {
    async finish(hashed, files) {
      const history = addToHistory(outDir, readHistory(outDir), hashed)
      const { kept, dropped } = divideHistory(history, keep)
      const named = new Set(kept.flatMap((entry) => entry.files))
      const candidates = empties
        ? await untouched(outDir, before)
        : dropped.flatMap((entry) => entry.files).flatMap(withSiblings)
      const stale = candidates.filter((file) => !named.has(original(file)) && !files.has(file))
      await remove(outDir, stale)
      dropFromHistory(outDir, dropped)
      return [...named].filter((file) => !hashed.has(file) && existsSync(join(outDir, file)))
    },
  }
}

/** A build made before `keep` was set counts as the first one. */
function adoptBuild(outDir: string): void {
  if (readHistory(outDir).length > 0) return
  try {
    const record = readRecord(outDir)
    if (record && record.hashed.length > 0) addToHistory(outDir, [], record.hashed)
  } catch {
    // A broken record says nothing about which files are worth keeping.
  }
}

/** The times at which files were last written, as the file system itself keeps them: a copy cannot forge them. */
async function changeTimes(outDir: string): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const file of await listed(outDir)) {
    const own = file.startsWith('.git/') || file.startsWith(`${HISTORY_DIRECTORY}/`)
    const status = own ? undefined : await statusOf(outDir, file)
    if (status) times.set(file, status.ctimeMs)
  }
  return times
}

/** Paths of all that lies below `outDir`, relative to it. Links are listed, not followed. Empty where there is no directory. */
async function listed(outDir: string): Promise<string[]> {
  const items = await readdir(outDir, { recursive: true, withFileTypes: true }).catch(() => [])
  return items
    .filter((item) => !item.isDirectory())
    .map((item) => relativeTo(outDir, join(item.parentPath, item.name)))
}

/** What was there before and has not been written since, neither by Vite nor by another plugin nor from `public/`. */
async function untouched(outDir: string, before: ReadonlyMap<string, number>): Promise<string[]> {
  const files: string[] = []
  for (const [file, time] of before) {
    if ((await statusOf(outDir, file))?.ctimeMs === time) files.push(file)
  }
  return files
}

const SIBLING = /(?:\.map)?(?:\.(?:br|gz|zst))?$/

/** The file that a compressed sibling or a source map belongs to. */
function original(file: string): string {
  return file.replace(SIBLING, '')
}

function withSiblings(file: string): string[] {
  return ['', '.map'].flatMap((map) =>
    ['', '.br', '.gz', '.zst'].map((coding) => file + map + coding),
  )
}

async function remove(outDir: string, files: readonly string[]): Promise<void> {
  const directories = new Set<string>()
  for (const file of files) {
    await rm(join(outDir, file), { force: true })
    for (let up = posix.dirname(file); up !== '.'; up = posix.dirname(up)) directories.add(up)
  }
  // Deepest first; one that still holds something stays.
  for (const directory of [...directories].sort((a, b) => b.length - a.length)) {
    await rmdir(join(outDir, directory)).catch(() => {})
  }
}

/** The file's status, or `undefined` when it has gone meanwhile. */
async function statusOf(directory: string, file: string): Promise<Stats | undefined> {
  return lstat(join(directory, file)).catch(() => undefined)
}

/** Where the history lies, relative to `outDir`: one `<number>.json` a build. Never served, like all of `.vite/`. */
const HISTORY_DIRECTORY = '.vite/history'

const VERSION = 1
const DAY = 24 * 60 * 60 * 1000

export interface HistoryEntry {
  /** Counts up: clocks may go backwards, builds do not. */
  readonly number: number
  /** Milliseconds since the epoch. The build before was retired at this moment. */
  readonly builtAt: number
  /** Hashed files, relative to `outDir`. */
  readonly files: readonly string[]
}

/** Oldest first. What cannot be read is no build that could be kept. */
function readHistory(outDir: string): HistoryEntry[] {
  const directory = join(outDir, HISTORY_DIRECTORY)
  mkdirSync(directory, { recursive: true })
  return readdirSync(directory)
    .flatMap((name) => readEntry(directory, name))
    .sort((a, b) => a.number - b.number)
}

function readEntry(directory: string, name: string): HistoryEntry[] {
  const number = Number(/^(\d+)\.json$/.exec(name)?.[1])
  if (Number.isNaN(number)) return []
  try {
    const { version, builtAt, files } = JSON.parse(readText(join(directory, name)) ?? '')
    const known = version === VERSION && Number.isFinite(builtAt) && Array.isArray(files)
    return known ? [{ number, builtAt, files: files.map(String) }] : []
  } catch {
    return []
  }
}

/** Adds a build, unless it made the very files of the newest one: building twice must not push out an old one. */
function addToHistory(
  outDir: string,
  history: readonly HistoryEntry[],
  files: Iterable<string>,
): HistoryEntry[] {
  const newest = history.at(-1)
  const sorted = [...files].sort()
  if (newest && sorted.join('\n') === [...newest.files].sort().join('\n')) return [...history]
  const entry = { number: (newest?.number ?? 0) + 1, builtAt: Date.now(), files: sorted }
  const { number, ...content } = entry
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

function dropFromHistory(outDir: string, dropped: readonly HistoryEntry[]): void {
  for (const { number } of dropped) {
    rmSync(join(outDir, HISTORY_DIRECTORY, `${number}.json`), { force: true })
  }
}
