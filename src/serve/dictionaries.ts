// Deltas for returning visitors (RFC 9842): which file they hold, and whether the difference to it is ready.
import type { IncomingHttpHeaders } from 'node:http'
import { DCZ, EVERY_CODING } from '../codings.js'
import { isWorthwhileDelta } from '../delta.js'
import { type Asset, bestEncoding, type Content, createDelta } from './asset.js'
import type { BodyStore } from './body-store.js'
import { availableDictionary, encodeDelta, LARGEST_WINDOW } from './dictionary-coding.js'
import type { Memory } from './memory.js'
import { createQueue } from './queue.js'
import type { Representation } from './representation.js'

/** Files by what their names have in common: one list for all builds of one file, newest first. */
export type Families = ReadonlyMap<string, readonly Asset[]>

export interface Dictionaries {
  /**
   * The difference between `content` and the file that the client says it has. Only what is ready: otherwise it is
   * made for the next request, and this one gets the ordinary answer.
   */
  find(
    asset: Asset,
    content: Content,
    headers: IncomingHttpHeaders,
    accepted: number,
  ): Representation | undefined
  /** Counts what the delta saved, once it is sent. */
  sent(content: Content, delta: Representation, accepted: number): void
  /** Makes the deltas to the files before it, the newest first. Rejects where one cannot be read. */
  prepare(asset: Asset): Promise<void>
  /** Bytes that deltas have saved so far, compared with the best other encoding that each client took. */
  readonly bytesSaved: number
  close(): void
}

/** Files of one family that are looked at. Visitors with an older file get the ordinary answer. */
const BUILDS = 8

/** @param canEncode `false` where this Node lacks the encoder: then there are only the deltas that a build made */
export function createDictionaries(
  families: () => Families,
  bodies: BodyStore,
  memory: Memory<Representation>,
  canEncode = true,
): Dictionaries {
  const queue = createQueue(1)
  const learning = new Set<string>()
  let bytesSaved = 0

  /** The files that a visitor may have instead of this one, newest first. */
  function earlier(asset: Asset): Asset[] {
    const family = asset.family === undefined ? undefined : families().get(asset.family)
    return (family ?? []).filter((other) => other !== asset).slice(0, BUILDS)
  }

  /** Makes the delta of a pair, once: the pair is remembered before, and forgotten only where reading failed. */
  async function encode(asset: Asset, content: Content, dictionary: Asset): Promise<void> {
    const known = await bodies.identify(dictionary)
    const { digest } = known
    if (content.deltas.has(digest) || content.digest === digest) return
    content.deltas.set(digest, undefined)
    if (content.size + known.size > LARGEST_WINDOW) return
    try {
      const [bytes, base] = [await bytesOf(asset, content), await bytesOf(dictionary, known)]
      const delta = await encodeDelta(bytes, base)
      if (asset.content !== content) return
      if (!isWorthwhileDelta(delta.length, bestEncoding(content, EVERY_CODING).length)) return
      const representation = createDelta(asset, content, digest, delta.length)
      content.deltas.set(digest, representation)
      memory.put(representation, delta)
    } catch {
      content.deltas.delete(digest)
    }
  }

  async function bytesOf(asset: Asset, content: Content): Promise<Buffer> {
    const body = await bodies.open(asset, content, content.identity)
    if (Buffer.isBuffer(body)) return body
    await body?.close()
    throw new Error(`${asset.source.file} changed, or is too large for memory`)
  }

  /** Reads the files whose digests are not known yet, so that a later request can name one of them. */
  function learn(family: string, others: readonly Asset[]): void {
    if (learning.has(family)) return
    learning.add(family)
    queue.push(async () => {
      // A file that is gone, or cannot be read, is the concern of the request that asks for it.
      for (const other of others) await bodies.identify(other).catch(() => {})
      learning.delete(family)
    })
  }

  return {
    find(asset, content, headers, accepted) {
      const { family } = asset
      const digest = availableDictionary(headers['available-dictionary'])
      if (digest === undefined || family === undefined || (accepted & DCZ.bit) === 0)
        return undefined
      if (content.deltas.has(digest)) {
        const delta = content.deltas.get(digest)
        const ready =
          delta && isWorthwhileDelta(delta.length, bestEncoding(content, accepted).length)
        return ready ? delta : undefined
      }
      if (!canEncode) return undefined
      const others = earlier(asset)
      const dictionary = others.find((other) => other.content?.digest === digest)
      if (dictionary) queue.push(() => encode(asset, content, dictionary))
      else if (others.some((other) => other.content === undefined)) learn(family, others)
      return undefined
    },
    sent(content, delta, accepted) {
      bytesSaved += bestEncoding(content, accepted).length - delta.length
    },
    async prepare(asset) {
      const content = await bodies.identify(asset)
      if (!canEncode) return
      for (const dictionary of earlier(asset)) await encode(asset, content, dictionary)
    },
    get bytesSaved() {
      return bytesSaved
    },
    close: queue.close,
  }
}
