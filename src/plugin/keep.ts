// The option `keep`: hashed files of earlier builds stay in `outDir`.
// Stale files are removed after the build, not before it as Vite does: a build that fails has removed nothing.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { readRecord } from '../build/record.js'
import { isBelow, relativeTo } from '../paths.js'
import type { HashedFiles } from './hashed.js'
import {
  addToHistory,
  divideHistory,
  dropFromHistory,
  HISTORY_DIRECTORY,
  type HistoryEntry,
  historyFiles,
  readHistory,
} from './history.js'
import { changedAt, putBack, remove, setAside } from './old-files.js'
import type { KeepOptions } from './options.js'
import { type Context, overClientBuild, type Target } from './vite-majors.js'

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

/**
 * Plugins that list `outDir` when a build ends (a service worker's, a sitemap's, an uploader) see the new build
 * alone: what they name must not disappear with a later build. So the last hooks of other plugins are wrapped, in
 * copies that take their places: the same plugin may be in the configs of several builds.
 *
 * @param plugins those of the resolved config, which Vite reads when the build begins
 * @param runOf the build that a hook is called for
 */
export function hideOldFiles(
  plugins: readonly Plugin[],
  runOf: (context: Context) => { keeper: Keeper | undefined; files: Set<string> } | undefined,
): void {
  const wrap = (hook: Hook): Hook => {
    const original = typeof hook === 'function' ? hook : hook.handler
    const handler: Handler = async function (...args) {
      const { keeper, files } = runOf(this) ?? {}
      if (!keeper || !files) return original.apply(this, args)
      // An output that is being written is not entered yet.
      keeper.hide(new Set([...files, ...Object.keys(args[1] ?? {})]))
      try {
        return await original.apply(this, args)
      } finally {
        keeper.reveal()
      }
    }
    return typeof hook === 'function' ? handler : { ...hook, handler }
  }
  for (const [index, plugin] of plugins.entries()) {
    const hooks = (['writeBundle', 'closeBundle'] as const).filter((name) => plugin[name])
    if (hooks.length === 0 || /^(?:vite|connect-vite):/.test(plugin.name)) continue
    const wrapped = hooks.map((name) => [name, wrap(plugin[name] as Hook)])
    const copy = Object.assign(Object.create(Object.getPrototypeOf(plugin)), plugin)
    Object.assign(plugins, { [index]: Object.assign(copy, Object.fromEntries(wrapped)) })
  }
}

type Hook = Handler | { handler: Handler }
type Handler = (this: Context, ...args: unknown[]) => unknown

/** Hashed files of earlier builds. */
export interface Kept {
  readonly all: HashedFiles
  /** Those of the newest build before this one. */
  readonly newest: HashedFiles
}

export interface Keeper {
  /** Earlier builds' files, those that this build has not `written`, are out of sight until as many calls of `reveal`. */
  hide(written: ReadonlySet<string>): void
  reveal(): void
  /**
   * Enters this build in the history, and removes what no kept build names.
   *
   * @returns hashed files of earlier builds that stay
   */
  finish(hashed: HashedFiles, files: ReadonlySet<string>): Kept
}

/** Called before the build writes: looks at what is there. */
export async function createKeeper(
  { outDir, root }: Target,
  keep: KeepOptions,
  emptyOutDir: EmptyOutDir,
): Promise<Keeper> {
  // What a build has left aside that was killed.
  putBack(outDir)
  const empties = emptyOutDir ?? isBelow(root, outDir)
  const before = await changeTimes(outDir)
  if (before.size > 0) adoptBuild(outDir)
  let hiders = 0

  /** There before, and not written since: neither by Vite nor by another plugin nor from `public/`. */
  const isUntouched = (file: string) =>
    before.has(file) && before.get(file) === changedAt(outDir, file)
  const recover = () => void putBack(outDir)

  return {
    hide(written) {
      if (++hiders > 1) return
      const known = empties
        ? [...before.keys()]
        : filesOf(readHistory(outDir)).flatMap(withSiblings)
      // What is in `.vite/` serves until the new build has replaced it.
      const old = known.filter(
        (file) => isUntouched(file) && !written.has(file) && !file.startsWith('.vite/'),
      )
      // A plugin may end the process.
      process.once('exit', recover)
      setAside(outDir, [...old, ...historyFiles(outDir)])
    },
    reveal() {
      if (--hiders > 0) return
      process.removeListener('exit', recover)
      for (const file of putBack(outDir)) {
        // A move counts as a change.
        const time = changedAt(outDir, file)
        if (time !== undefined) before.set(file, time)
      }
    },
    finish(hashed, files) {
      const history = addToHistory(outDir, readHistory(outDir), hashed)
      const { kept, dropped } = divideHistory(history, keep)
      const named = new Set(filesOf(kept))
      const candidates = empties ? [...before.keys()] : filesOf(dropped).flatMap(withSiblings)
      remove(
        outDir,
        candidates.filter(
          (file) =>
            (!empties || isUntouched(file)) && !named.has(original(file)) && !files.has(file),
        ),
      )
      dropFromHistory(outDir, dropped)
      const old = [...named].filter((file) => !hashed.has(file) && existsSync(join(outDir, file)))
      const hashOf = (file: string) =>
        kept.map(({ hashes }) => hashes[file]).find((hash) => hash !== undefined) ?? ''
      const all = new Map(old.map((file) => [file, hashOf(file)]))
      const newest = new Set(kept.at(-2)?.files)
      return { all, newest: new Map([...all].filter(([file]) => newest.has(file))) }
    },
  }
}

const filesOf = (history: readonly HistoryEntry[]) => history.flatMap(({ files }) => files)

/** A build made before `keep` was set counts as the first one. */
function adoptBuild(outDir: string): void {
  if (readHistory(outDir).length > 0) return
  try {
    const record = readRecord(outDir)
    const { hashed = [], hashes = {} } = record ?? {}
    if (hashed.length === 0) return
    addToHistory(outDir, [], new Map(hashed.map((file) => [file, hashes[file] ?? ''])))
  } catch {
    // A broken record says nothing about which files are worth keeping.
  }
}

async function changeTimes(outDir: string): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const file of await listed(outDir)) {
    const own = file.startsWith('.git/') || file.startsWith(`${HISTORY_DIRECTORY}/`)
    const time = own ? undefined : changedAt(outDir, file)
    if (time !== undefined) times.set(file, time)
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
