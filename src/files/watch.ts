// Notices a rebuild by looking every now and then. Watching by events would lose a directory that is deleted and made
// anew or replaced by a rename, as builds and deployments do, and says nothing on network and container volumes.
import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logger.js'

export interface Watcher {
  close(): void
}

/** Between two looks, in milliseconds. */
const INTERVAL = 200

/**
 * Calls `onChange` once the build in `dir` has changed and come to rest. It may still be half a build: when the rest
 * follows, `onChange` is called again. Never keeps the process alive.
 */
export function watchBuild(
  dir: string,
  onChange: () => void,
  logger: Logger,
  interval = INTERVAL,
): Watcher {
  const closing = new AbortController()
  const look = createLook(dir)

  async function watch(): Promise<void> {
    let reported = await look()
    let last = reported
    for (;;) {
      await sleep(interval, undefined, { ref: false, signal: closing.signal })
      const now = await look()
      if (closing.signal.aborted) return
      if (now === last && now !== reported) {
        reported = now
        report()
      }
      last = now
    }
  }

  function report(): void {
    try {
      onChange()
    } catch (error) {
      logger.error(`The build in ${dir} changed, but taking it failed: ${error}`)
    }
  }

  watch().catch(() => {}) // ends by `close()`
  return { close: () => closing.abort() }
}

/** What a directory held when it had `mtimeNs`: reading it again is only needed after that has changed. */
interface Listing {
  readonly mtimeNs: bigint
  readonly directories: readonly string[]
  /** Manifests and records, which may be rewritten without any directory noticing. */
  readonly manifests: readonly string[]
}

/** Looks at all directories of a build and at its manifests, and sums up what it sees in a string. */
function createLook(root: string): () => Promise<string> {
  const known = new Map<string, Listing>()

  async function look(dir: string): Promise<string> {
    const stats = await statOf(dir)
    if (!stats?.isDirectory()) {
      known.delete(dir)
      return `${dir} -`
    }
    let listing = known.get(dir)
    if (listing?.mtimeNs !== stats.mtimeNs) {
      listing = await list(dir, stats.mtimeNs)
      known.set(dir, listing)
    }
    const parts = [mark(dir, stats)]
    for (const path of listing.manifests) parts.push(mark(path, await statOf(path)))
    for (const path of listing.directories) parts.push(await look(path))
    return parts.join('\n')
  }

  async function list(dir: string, mtimeNs: bigint): Promise<Listing> {
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
    const paths = (wanted: (entry: (typeof entries)[number]) => boolean) =>
      entries.filter(wanted).map(({ name }) => join(dir, name))
    return {
      mtimeNs,
      directories: paths((entry) => entry.isDirectory()),
      manifests: paths(({ name }) => name.endsWith('.json')),
    }
  }

  return () => look(root)
}

function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined)
}

function mark(path: string, stats: BigIntStats | undefined): string {
  return stats ? `${path} ${stats.ino} ${stats.size} ${stats.mtimeNs}` : `${path} -`
}
