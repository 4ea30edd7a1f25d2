// The memory of bodies: so many bytes, the least recently used go first.

/** Something whose bytes are kept here. */
export interface Holder {
  bytes: Buffer | undefined
  /** Called when the bytes were given up. */
  readonly forgotten?: (() => void) | undefined
}

export class Memory<H extends Holder = Holder> {
  readonly #capacity: number
  /** Oldest use first: a Set keeps the order of insertion. */
  readonly #held = new Set<H>()
  #newest: H | undefined
  #bytes = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  hasRoomFor(size: number): boolean {
    return this.#bytes + size <= this.#capacity
  }

  put(holder: H, bytes: Buffer): void {
    this.drop(holder)
    holder.bytes = bytes
    this.#bytes += bytes.length
    this.#held.add(holder)
    this.#newest = holder
    for (const oldest of this.#held) {
      if (this.#bytes <= this.#capacity) return
      this.drop(oldest)
      oldest.forgotten?.()
    }
  }

  /** Tells that the bytes were used. */
  touch(holder: H): void {
    if (holder === this.#newest || !this.#held.delete(holder)) return
    this.#held.add(holder)
    this.#newest = holder
  }

  drop(holder: H): void {
    if (!this.#held.delete(holder)) return
    this.#bytes -= holder.bytes?.length ?? 0
    holder.bytes = undefined
  }

  /** Gives up everything that `keep` has no use for. */
  retain(keep: ReadonlySet<H>): void {
    for (const holder of this.#held) if (!keep.has(holder)) this.drop(holder)
  }
}
