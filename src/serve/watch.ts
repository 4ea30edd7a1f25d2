// Notices a rebuild by looking every now and then. Watching by events would lose a directory that is deleted and made
// anew or replaced by a rename, as builds and deployments do, and says nothing on network and container volumes.
import { type BigIntStats, type Dirent, readdirSync, statSync } from 'node:fs'
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
 * @param look taken before the build was loaded, so that no change meanwhile is missed
 * @param onChange tells whether it could take the build
 */
export function watchBuild(
  look: Look,
  onChange: () => boolean,
  logger: Logger,
  interval = INTERVAL,
): Watcher {
  const closing = new AbortController()

  async function watch(): Promise<void> {
    let reported = look.first
    let last = reported
    let untilRetry = Number.POSITIVE_INFINITY
    for (;;) {
      await sleep(interval, undefined, { ref: false, signal: closing.signal })
      const now = await look.again()
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
      logger.error(`The build in ${look.dir} changed, but taking it failed: ${error}`)
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

/** Looks at all directories of a build and at its manifests. What they say is summed up in a string. */
export interface Look {
  readonly dir: string
  /** What was there when the look was created. */
  readonly first: string
  again(): Promise<string>
}

/** Looks at once: what is loaded afterwards is at least as new. */
export function createLook(dir: string): Look {
  const known = new Map<string, Listing>()
  return {
    dir,
    first: atOnce(look(dir, known)),
    again: () => inTurn(look(dir, known)),
  }
}

/** A question to the disk, which is answered at once or later. */
type Question = { readonly stat: string } | { readonly list: string }
type Reply = BigIntStats | Dirent[] | undefined

function* look(dir: string, known: Map<string, Listing>): Generator<Question, string, Reply> {
  const stats = (yield { stat: dir }) as BigIntStats | undefined
  if (!stats?.isDirectory()) {
    known.delete(dir)
    return `${dir} -`
  }
  let listing = known.get(dir)
  if (listing?.mtimeNs !== stats.mtimeNs) {
    const entries = (yield { list: dir }) as Dirent[] | undefined
    // Not remembered: what keeps it from being read may end without another `mtimeNs`.
    if (entries === undefined) return `${mark(dir, stats)} ?`
    listing = listingOf(dir, stats.mtimeNs, entries)
    known.set(dir, listing)
  }
  const parts = [mark(dir, stats)]
  for (const path of listing.manifests)
    parts.push(mark(path, (yield { stat: path }) as BigIntStats | undefined))
  for (const path of listing.directories) parts.push(yield* look(path, known))
  return parts.join('\n')
}

function listingOf(dir: string, mtimeNs: bigint, entries: readonly Dirent[]): Listing {
  const paths = (wanted: (entry: Dirent) => boolean) =>
    entries.filter(wanted).map(({ name }) => join(dir, name))
  return {
    mtimeNs,
    directories: paths((entry) => entry.isDirectory()),
    manifests: paths(({ name }) => name.endsWith('.json')),
  }
}

function atOnce(steps: Generator<Question, string, Reply>): string {
  let step = steps.next()
  while (!step.done) step = steps.next(answerNow(step.value))
  return step.value
}

function answerNow(question: Question): Reply {
  try {
    if ('stat' in question) return statSync(question.stat, { bigint: true })
    return readdirSync(question.list, { withFileTypes: true })
  } catch {
    return undefined
  }
}

async function inTurn(steps: Generator<Question, string, Reply>): Promise<string> {
  let step = steps.next()
  while (!step.done) step = steps.next(await answerLater(step.value).catch(() => undefined))
  return step.value
}

function answerLater(question: Question): Promise<Reply> {
  if ('stat' in question) return stat(question.stat, { bigint: true })
  return readdir(question.list, { withFileTypes: true })
}

function mark(path: string, stats: BigIntStats | undefined): string {
  return stats ? `${path} ${stats.ino} ${stats.size} ${stats.mtimeNs}` : `${path} -`
}
