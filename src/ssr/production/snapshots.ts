// Copies of server builds, so that modules of one build are never mixed with files of the next one.
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { debug } from '../../logger.js'
import { isBelow } from '../../paths.js'

export interface Snapshots {
  /** Where modules of the server build in `outDir` are imported from, as its files are now. */
  of(outDir: string): string
  /** Removes the copies of this process. */
  close(): void
}

/** How many copies of one directory are kept: a request may still import a chunk of the build before. */
const KEPT = 2

const PREFIX = '.connect-vite-server-'

/**
 * Node keeps modules by their address, and a server build has names without a hash, so a module of the new build would
 * import parts of the old one. A new build also removes chunks that the one in use may import later. The first build is
 * imported where it is, unless `fromStart`: it may be in a directory that cannot be written to.
 *
 * @param clientOutDir a build of the client empties it, with all that is inside
 */
export function createSnapshots(clientOutDir: string | undefined, fromStart: boolean): Snapshots {
  const current = new Map<string, { state: string; directory: string }>()
  const copies: string[] = []

  function copy(outDir: string): string {
    // Beside the build, where `../` and packages mean what they mean in it.
    const inClient = clientOutDir !== undefined && isBelow(clientOutDir, outDir)
    const parent = dirname(inClient ? clientOutDir : outDir)
    const name = `${PREFIX}${process.pid}-${basename(outDir)}-${copies.length}`
    const directory = join(parent, name)
    try {
      removeStale(parent)
      cpSync(outDir, directory, { recursive: true, dereference: true })
    } catch (error) {
      debug('%s is used where it is: %s', outDir, (error as Error).message)
      return outDir
    }
    copies.push(directory)
    for (const old of copies.slice(0, -KEPT))
      rm(old, { recursive: true, force: true }).catch(() => {})
    return directory
  }

  return {
    of(outDir) {
      const state = stateOf(outDir)
      const known = current.get(outDir)
      if (known?.state === state) return known.directory
      const directory = known || fromStart ? copy(outDir) : outDir
      current.set(outDir, { state, directory })
      return directory
    },
    close() {
      for (const directory of copies) rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Another text for another build: names, sizes and times of all files. */
function stateOf(outDir: string): string {
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).sort()
  return files
    .map((file) => {
      const { size, mtimeMs } = statSync(join(outDir, file), { throwIfNoEntry: false }) ?? {}
      return `${file} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/** Copies of processes that were killed. */
function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue
    const pid = Number.parseInt(name.slice(PREFIX.length), 10)
    if (pid !== process.pid && !isRunning(pid))
      rmSync(join(parent, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
