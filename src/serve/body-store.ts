// Content and bytes of public files: read on first use, once for all requests that wait, and compared with what was known.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import type { FileOnDisk, Stamp } from '../build/scan.js'
import { isFit } from '../build/served.js'
import { below } from '../paths.js'
import {
  type Asset,
  type Content,
  createContent,
  isSame,
  removeEncoded,
  representations,
} from './asset.js'
import type { Memory } from './memory.js'
import type { Representation } from './representation.js'

/** What to send: bytes from memory, or an open file to stream, which the caller must close. */
export type Body = Buffer | FileHandle

interface Loaded {
  readonly content: Content
  /** Absent where the file has grown too big for memory. */
  readonly bytes: Buffer | undefined
}

/** The scan saw a plain file: neither follow a link that took its place, nor wait for the other end of a pipe. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

export class BodyStore {
  readonly #memory: Memory
  /** Reads under way, by what is read. */
  readonly #loads = new Map<object, Promise<unknown>>()

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** What the file holds now. Throws {@link isMissing} errors where there is no whole file any more. */
  async identify(asset: Asset): Promise<Content> {
    if (!asset.large) return asset.content ?? (await this.#load(asset)).content
    return using(asset.source, async (handle, stamp) => {
      if (asset.content && isSame(asset.content, stamp)) return asset.content
      return this.#once(asset, async () => {
        asset.content = createContent(asset, stamp, await digestOf(handle))
        return asset.content
      })
    })
  }

  /** The bytes of one of `content`'s representations; `undefined` where the disk holds another content by now. */
  async open(
    asset: Asset,
    content: Content,
    representation: Representation,
  ): Promise<Body | undefined> {
    if (representation.bytes !== undefined) return representation.bytes
    const { source, length } = representation
    if (source === undefined) return undefined
    if (representation !== content.identity) {
      return this.#openSibling(asset, content, representation, source)
    }
    if (asset.large) return openLarge(source, { size: length, mtimeMs: content.mtimeMs })
    const loaded = await this.#load(asset)
    return loaded.content === content ? loaded.bytes : undefined
  }

  /** Reads a file that is small enough for memory, and finds out whether it is still the one that we know. */
  #load(asset: Asset): Promise<Loaded> {
    return this.#once(asset, () =>
      using(asset.source, async (handle, stamp) => {
        if (isHalfWritten(asset, stamp)) throw missing(asset.source.path)
        asset.large = stamp.size > asset.largest
        const bytes = asset.large ? undefined : await read(handle, stamp)
        const digest = await digestOf(bytes ?? handle)
        let { content } = asset
        if (content?.digest !== digest) {
          if (content) this.#forget(content)
          content = createContent(asset, stamp, digest)
          asset.content = content
        }
        if (bytes) this.#memory.put(content.identity, bytes)
        return { content, bytes }
      }),
    )
  }

  async #openSibling(
    asset: Asset,
    content: Content,
    sibling: Representation,
    source: FileOnDisk,
  ): Promise<Body | undefined> {
    try {
      if (sibling.length > asset.largest) return await openLarge(source, source)
      return await this.#once(sibling, () =>
        using(source, async (handle, stamp) => {
          if (stamp.size !== source.size || !isFit(stamp, content, asset.source.immutable))
            throw missing(source.path)
          const bytes = await read(handle, stamp)
          this.#memory.put(sibling, bytes)
          return bytes
        }),
      )
    } catch (error) {
      if (!isMissing(error)) throw error
      removeEncoded(content, sibling)
      for (const [dictionary, delta] of content.deltas) {
        if (delta === sibling) content.deltas.delete(dictionary)
      }
      return undefined
    }
  }

  #forget(content: Content): void {
    for (const representation of representations(content)) this.#memory.drop(representation)
  }

  /** One `load` at a time for one thing: requests that come meanwhile wait for the same. */
  #once<T>(key: object, load: () => Promise<T>): Promise<T> {
    const underWay = this.#loads.get(key) as Promise<T> | undefined
    if (underWay !== undefined) return underWay
    const started = load().finally(() => this.#loads.delete(key))
    this.#loads.set(key, started)
    return started
  }
}

/** Whether an error says that the file is not there (any more), or not whole. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP'].includes(code)
}

function missing(path: string): Error {
  return Object.assign(new Error(`No whole file at ${path}`), { code: 'ENOENT' })
}

/**
 * Whether a build is just writing the file. A name with a hash always means the same bytes, so fewer of them are not all;
 * other files may well get shorter, but then not within this second.
 */
function isHalfWritten({ source }: Asset, stamp: Stamp): boolean {
  return stamp.size < source.size && (source.immutable || Date.now() - stamp.mtimeMs < 1000)
}

/** Opens a file for `action`, and closes it in every case. */
async function using<T>(
  file: FileOnDisk,
  action: (handle: FileHandle, stamp: Stamp) => Promise<T>,
): Promise<T> {
  const { handle, stamp } = await openVerified(file)
  try {
    return await action(handle, stamp)
  } finally {
    await handle.close()
  }
}

/** A descriptor of the expected file; size and time are those of the descriptor, not of the path. */
async function openLarge(file: FileOnDisk, expected: Stamp): Promise<FileHandle | undefined> {
  const { handle, stamp } = await openVerified(file)
  if (isSame(stamp, expected)) return handle
  await handle.close()
  return undefined
}

interface Opened {
  readonly handle: FileHandle
  readonly stamp: Stamp
}

/** A file that is replaced while it is opened gets another attempt, but not for ever. */
const ATTEMPTS = 3

async function openVerified(file: FileOnDisk): Promise<Opened> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const handle = await open(file.path, READ)
    try {
      const stamp = await verified(handle, file)
      if (stamp !== undefined) return { handle, stamp }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
  }
  throw missing(file.path)
}

/**
 * What the descriptor says of its file, if that is the one at its place inside the build directory. A directory in there
 * may have become a link since the scan, and lead outside: that counts as missing.
 */
async function verified(
  handle: FileHandle,
  { path, real }: FileOnDisk,
): Promise<Stamp | undefined> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw missing(path)
  const root = path.slice(0, -real.length - 1)
  const [now, rootNow] = await Promise.all([realpath(path), realpath(root)])
  if (below(rootNow, now) !== real) throw missing(path)
  // Asked after opening: what was opened by way of a link that is gone again is another file.
  const { ino, dev } = await stat(now)
  return ino === stats.ino && dev === stats.dev ? stats : undefined
}

async function read(handle: FileHandle, { size }: Stamp): Promise<Buffer> {
  const bytes = await handle.readFile()
  // It changed between the look at it and the reading of it: writing goes on.
  if (bytes.length !== size) throw missing('a file that is being written')
  return bytes
}

async function digestOf(content: Buffer | FileHandle): Promise<string> {
  const hash = createHash('sha256')
  if (Buffer.isBuffer(content)) hash.update(content)
  else
    for await (const chunk of content.createReadStream({ start: 0, autoClose: false }))
      hash.update(chunk)
  return hash.digest('base64url')
}
