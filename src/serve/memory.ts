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
  /** Bodies of earlier builds: they go before all others. */
  readonly #older = new Set<H>()
  #newest: H | undefined
  #bytes = 0
  #olderBytes = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether so many bytes more fit in, without pushing out others of the current build. */
  hasRoomFor(size: number): boolean {
    return this.#bytes - this.#olderBytes + size <= this.#capacity
  }

  put(holder: H, bytes: Buffer): void {
    this.drop(holder)
    holder.bytes = bytes
    this.#bytes += bytes.length
    this.#held.add(holder)
    this.#newest = holder
    for (const set of [this.#older, this.#held]) {
      for (const oldest of set) {
        if (this.#bytes <= this.#capacity) return
        this.drop(oldest)
        oldest.forgotten?.()
      }
    }
  }

  /** Tells that the bytes were used. */
  touch(holder: H): void {
    if (holder === this.#newest) return
    const set = this.#older.has(holder) ? this.#older : this.#held
    if (!set.delete(holder)) return
    set.add(holder)
    this.#newest = holder
  }

  drop(holder: H): void {
    const size = holder.bytes?.length ?? 0
    if (this.#older.delete(holder)) this.#olderBytes -= size
    else if (!this.#held.delete(holder)) return
    this.#bytes -= size
    holder.bytes = undefined
  }

  /** After a rebuild: keeps what is `current`, what is `older` for as long as there is room, and nothing else. */
  retain(current: ReadonlySet<H>, older: ReadonlySet<H>): void {
    for (const holder of [...this.#older, ...this.#held]) {
      if (older.has(holder)) this.#demote(holder)
      else if (!current.has(holder)) this.drop(holder)
    }
  }

  #demote(holder: H): void {
    if (!this.#held.delete(holder)) return
    this.#older.add(holder)
    this.#olderBytes += holder.bytes?.length ?? 0
    if (holder === this.#newest) this.#newest = undefined
  }
}
