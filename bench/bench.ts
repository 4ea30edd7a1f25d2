// What every measurement is given: how much time it may take, where its processes run, and which build is measured.
import type { Launcher } from './process.js'
import type { Result } from './result.js'

export interface Bench {
  readonly pace: Pace
  readonly launcher: Launcher
  /** Directory of the compiled package. */
  readonly dist: string
  /** A directory of this run's own, removed afterwards. */
  readonly scratch: string
}

/** How long the measurements take. */
export interface Pace {
  readonly rounds: number
  /** Of load, for each contestant in each round. */
  readonly seconds: number
  /** Of load before the first round, so that the code is compiled. */
  readonly warmUp: number
  /** Leave out contestants that no target speaks of. */
  readonly essentialsOnly: boolean
  /** Measure what takes minutes to prepare, too. */
  readonly full: boolean
}

export type Measurement = (bench: Bench) => Promise<readonly Result[]>
