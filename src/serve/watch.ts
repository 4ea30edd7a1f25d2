// Notices a rebuild by looking every now and then. Watching by events would lose a directory that is deleted and made
// anew or replaced by a rename, as builds and deployments do, and says nothing on network and container volumes.
import type { BigIntStats, Dirent } from 'node:fs'
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
 * After how many looks a build is tried again that could not be taken: what kept it from being read, such as a lack of
 * descriptors, may end without a trace in the directory.
 */
const LOOKS_UNTIL_RETRY = 10

/**
 * Calls `onChange` once the build in `dir` has changed and come to rest. It may still be half a build: when the rest
 * follows, `onChange` is called again. Never keeps the process alive.
 *
 * @param onChange tells whether it could take the build
 */
export function watchBuild(
  dir: string,
  onChange: () => boolean,
  logger: Logger,
  interval = INTERVAL,
): Watcher {
  const closing = new AbortController()
  const look = createLook(dir)

  async function watch(): Promise<void> {
    let reported = await look()
    let last = reported
    let untilRetry = Number.POSITIVE_INFINITY
    for (;;) {
      await sleep(interval, undefined, { ref: false, signal: closing.signal })
      const now = await look()
      if (closing.signal.aborted) return
      untilRetry--
      if (now === last && (now !== reported || untilRetry <= 0)) {
        reported = now
        untilRetry = report() ? Number.POSITIVE_INFINITY : LOOKS_UNTIL_RETRY
      }
      last = now
    }
  }

  function report(): boolean {
    try {
      return onChange()
    } catch (error) {
      logger.error(`The build in ${dir} changed, but taking it failed: ${error}`)
      return true // trying again would only say so again
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
      if (listing === undefined) return `${mark(dir, stats)} ?`
      known.set(dir, listing)
    }
    const parts = [mark(dir, stats)]
    for (const path of listing.manifests) parts.push(mark(path, await statOf(path)))
    for (const path of listing.directories) parts.push(await look(path))
    return parts.join('\n')
  }

  /** `undefined` where it cannot be read, which must not be remembered: that may end without another `mtimeNs`. */
  async function list(dir: string, mtimeNs: bigint): Promise<Listing | undefined> {
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) return undefined
    const paths = (wanted: (entry: Dirent) => boolean) =>
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
