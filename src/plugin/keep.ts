// Keeps hashed files of earlier builds in `outDir`: instead of Vite emptying it before a build, what is stale
// goes afterwards. A build that fails or is killed half way has removed nothing, and the old manifest stays
// readable until the new one is written.
import { existsSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Plugin } from 'vite'
import { readRecord } from '../build/record.js'
import { isBelow } from '../paths.js'
import { overClientBuild } from './client-build.js'
import {
  addToHistory,
  divideHistory,
  dropFromHistory,
  HISTORY_DIRECTORY,
  readHistory,
} from './history.js'
import { listFiles, statusOf } from './list-files.js'
import type { KeepOptions } from './options.js'
import type { Target } from './target.js'

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
  for (const file of await listFiles(outDir)) {
    const own = file.startsWith('.git/') || file.startsWith(`${HISTORY_DIRECTORY}/`)
    const status = own ? undefined : await statusOf(outDir, file)
    if (status) times.set(file, status.ctimeMs)
  }
  return times
}

/** What was there before and has not been written since, be it by Vite, by `public/` or by another plugin. */
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
