// The content codings we can send, and which of them a client takes (RFC 9110 §12.5.3).

/** One way to encode a body. */
export interface Coding {
  /** As `Content-Encoding` has it. */
  readonly name: 'br' | 'zstd' | 'gzip' | 'dcz'
  /** Ending of a precompressed sibling: `app.js.br` beside `app.js`. */
  readonly extension: string
  /** Tells the entity tags of one file's encodings apart. */
  readonly tag: string
  /** Its place in the set that {@link acceptedCodings} returns. */
  readonly bit: number
}

export const BROTLI: Coding = { name: 'br', extension: '.br', tag: '-br', bit: 1 }
export const ZSTD: Coding = { name: 'zstd', extension: '.zst', tag: '-zst', bit: 2 }
export const GZIP: Coding = { name: 'gzip', extension: '.gz', tag: '-gz', bit: 4 }

/** Zstandard with a dictionary (RFC 9842): only for clients that name it and the dictionary. */
export const DCZ: Coding = { name: 'dcz', extension: '.dcz', tag: '-dcz', bit: 16 }

/** Every coding that needs no dictionary; the build may make them all, we make brotli and gzip. */
export const CODINGS: readonly Coding[] = [BROTLI, ZSTD, GZIP]

/** The bit for "as it is". */
export const IDENTITY = 8

/** The set of all of them, the file as it is included. */
export const EVERY_CODING = CODINGS.reduce((bits, { bit }) => bits | bit, IDENTITY)

const BITS: ReadonlyMap<string, number> = new Map([
  ...[...CODINGS, DCZ].map(({ name, bit }): [string, number] => [name, bit]),
  ['x-gzip', GZIP.bit], // §8.4.1.3: a recipient considers "x-gzip" equivalent
  ['identity', IDENTITY],
  ['*', EVERY_CODING],
])

/** The set of codings that `header` accepts, as bits. */
export function acceptedCodings(header: string): number {
  let wildcard = IDENTITY // a coding that is not mentioned is refused, except identity
  let named = 0
  let accepted = 0
  for (const item of header.split(',')) {
    const [name = '', ...parameters] = item.split(';')
    const bits = BITS.get(name.trim().toLowerCase())
    const quality = weight(parameters)
    if (bits === undefined || Number.isNaN(quality)) continue // as if it were not mentioned
    const taken = quality > 0
    if (bits === EVERY_CODING) {
      wildcard = taken ? EVERY_CODING : 0
    } else {
      named |= bits
      accepted = taken ? accepted | bits : accepted & ~bits
    }
  }
  return accepted | (wildcard & ~named)
}

/** The `q` among a coding's parameters; `NaN` where it is no number. */
function weight(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() === 'q') return Number(value.trim() || Number.NaN)
  }
  return 1
}

/**
 * {@link acceptedCodings} with a memory: browsers send a handful of different values, and reading one
 * costs more than the rest of an answer. Bounded, because a client could send a new value each time.
 */
export function rememberAcceptedCodings(limit = 64): (header: string | undefined) => number {
  const known = new Map<string, number>()
  return function accepted(header) {
    if (header === undefined) return IDENTITY
    let bits = known.get(header)
    if (bits === undefined) {
      bits = acceptedCodings(header)
      if (known.size >= limit) known.clear()
      if (header.length <= 256) known.set(header, bits)
    }
    return bits
  }
}
