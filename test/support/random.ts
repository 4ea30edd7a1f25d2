// Random choices that are the same in each run of a seed (mulberry32).

export interface Random {
  /** An integer from 0 up to, but without, this one. */
  below(limit: number): number
  one<T>(list: readonly T[]): T
  /** True once in so many times. */
  once(times: number): boolean
}

export function randomOf(seed: number): Random {
  let state = seed
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
  return { below, one: (list) => list[below(list.length)]!, once: (times) => below(times) === 0 }
}
