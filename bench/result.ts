// What a measurement yields: a table to read, and targets that were met or not.
import { median, spread } from './stats.js'

export interface Findings {
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
  readonly verdicts: readonly Verdict[]
}

export interface Result extends Findings {
  readonly title: string
  readonly how: string
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

export function atLeast(target: Target): Verdict {
  return verdict('≥', target, target.value >= target.limit)
}

export function atMost(target: Target): Verdict {
  return verdict('≤', target, target.value <= target.limit)
}

function verdict(sign: string, { work, value, limit, of, digits = 2 }: Target, met: boolean) {
  const round = limit.toLocaleString('en', { maximumFractionDigits: 2 })
  return { work, target: `${sign} ${round} ${of}`, measured: fixed(value, digits), met }
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
