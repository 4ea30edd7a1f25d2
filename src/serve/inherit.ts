// What a new build takes over from the one before: bodies that still hold, and hashed files that pages in the wild still name.
import {
  type Asset,
  addEncoded,
  type Content,
  createCompressed,
  createContent,
  createDelta,
  isSame,
  representations,
} from './asset.js'
import type { Memory } from './memory.js'
import type { Representation } from './representation.js'
import { familiesOf, type Table } from './table.js'

/** `next` with what it takes over from `before`. Bodies that neither of them names are given up. */
export function inherit(before: Table, next: Table, memory: Memory): Table {
  const assets = new Map(next.assets)
  const done = new Set<Asset>()
  const inherited = new Set<Asset>()
  for (const [key, old] of before.assets) {
    const heir = assets.get(key)
    if (heir === undefined) {
      // Its file may be gone from the disk, so it lives as long as its body is in memory.
      if (!old.source.kept || !isHeld(old)) continue
      assets.set(key, old)
      inherited.add(old)
    } else if (!done.has(heir)) {
      done.add(heir)
      takeOver(old, heir, memory)
    }
  }
  memory.retain(bodiesOf(next.assets.values()), bodiesOf(inherited))
  return { ...next, assets, families: familiesOf(assets.values()) }
}

function bodiesOf(assets: Iterable<Asset>): Set<Representation> {
  const contents = [...new Set(assets)].flatMap(({ content }) => content ?? [])
  return new Set(contents.flatMap(representations))
}

function isHeld({ content }: Asset): boolean {
  return content !== undefined && representations(content).some(({ bytes }) => bytes?.length)
}

/** Moves what is known of a file to its new asset, where the file is still the same. */
function takeOver(old: Asset, heir: Asset, memory: Memory): void {
  const { content } = old
  if (content === undefined || old.large || heir.large || !isUnchanged(content, old, heir)) return
  const taken = createContent(heir, heir.source, content.digest)
  heir.content = taken
  move(content.identity, taken.identity, memory)
  for (const representation of content.encoded) {
    const { coding, bytes, length } = representation
    if (coding === undefined || bytes === undefined) continue
    let own = taken.encoded.find((one) => one.coding === coding)
    if (own === undefined && representation.source === undefined) {
      own = createCompressed(heir, taken, coding, length)
      addEncoded(taken, own)
    }
    if (own?.length === length) move(representation, own, memory)
  }
  for (const [dictionary, delta] of content.deltas) {
    if (delta === undefined) continue
    // The new build has its own index of those on the disk.
    const own = delta.source
      ? taken.deltas.get(dictionary)
      : createDelta(heir, taken, dictionary, delta.length)
    if (own?.length !== delta.length) continue
    taken.deltas.set(dictionary, own)
    move(delta, own, memory)
  }
}

/** A hash in the name answers for the bytes; any other must be the very file, and not written since. */
function isUnchanged(content: Content, old: Asset, { source }: Asset): boolean {
  if (source.immutable && old.source.immutable) return content.size === source.size
  return old.source.path === source.path && isSame(content, source)
}

function move(from: Representation, to: Representation, memory: Memory): void {
  const { bytes } = from
  if (bytes === undefined) return
  memory.drop(from)
  memory.put(to, bytes)
}
