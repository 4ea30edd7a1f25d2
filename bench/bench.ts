// What every measurement is given: how much time it may take, where its processes run, and which build is measured.
import type { Launcher } from './process.js'
import type { Findings } from './result.js'

export interface Bench {
  readonly pace: Pace
  readonly launcher: Launcher
  /** Directory of the compiled package. */
  readonly dist: string
  /** A directory that `write` fills the first time that somebody asks for it by this name. */
  fixture<Fixture>(name: string, write: (directory: string) => Fixture): Fixture
}

/** How long the measurements take. */
export interface Pace {
  /** For each contestant, one after the other: what V8 makes of the same code differs from process to process. */
  readonly processes: number
  /** With each process. Many short ones, because what disturbs the machine for a second spoils fewer of them. */
  readonly rounds: number
  /** Of load, for each contestant in each round. */
  readonly seconds: number
  /** Leave out contestants that no target speaks of, and what takes long to prepare. */
  readonly essentialsOnly: boolean
}

/** One table of the report. */
export interface Measurement {
  readonly title: string
  /** What is done, in a sentence or two. */
  readonly how: string
  /** What it is there to compare with, and nothing else. */
  readonly essential?: boolean
  measure(bench: Bench): Promise<Findings>
}
