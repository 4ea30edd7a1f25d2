// What a measurement yields: a table to read, and targets that were met or not.
import { median, spread } from './stats.js'

export interface Result {
  readonly title: string
  /** What was done, in a sentence or two. */
  readonly how: string
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
  readonly verdicts: readonly Verdict[]
}

/** A target beside what was measured. */
export interface Verdict {
  readonly work: string
  readonly target: string
  readonly measured: string
  readonly met: boolean
}

interface Target {
  readonly work: string
  readonly value: number
  readonly limit: number
  /** After the number: a unit, or what it is a part of. */
  readonly of: string
  readonly digits?: number
}

export function atLeast({ work, value, limit, of, digits = 2 }: Target): Verdict {
  const met = value >= limit
  return { work, target: `≥ ${count(limit)} ${of}`, measured: fixed(value, digits), met }
}

export function atMost({ work, value, limit, of, digits = 2 }: Target): Verdict {
  const met = value <= limit
  return { work, target: `≤ ${count(limit)} ${of}`, measured: fixed(value, digits), met }
}

/** The median of the rounds, with their spread: `64,119 ±2%`. */
export function figure(values: readonly number[], digits = 0): string {
  return `${fixed(median(values), digits)} ±${Math.round(spread(values) * 100)}%`
}

export function fixed(value: number, digits: number): string {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 })
}
