// What the command prints: lines, with colour where a terminal reads them, and sizes in one form.
import { styleText } from 'node:util'

export interface Output {
  line(text?: string): void
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
}

/** The command cannot do what was asked. The message is all that the user needs. */
export class CommandError extends Error {}

/** Colour is for terminals: a file or a pipe gets plain text, and `NO_COLOR` is respected (https://no-color.org). */
export function createOutput(stream: NodeJS.WriteStream): Output {
  const coloured = stream.isTTY && !process.env.NO_COLOR
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    coloured ? styleText(format, text) : text
  return {
    line: (text = '') => void stream.write(`${text}\n`),
    bold: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
  }
}

/** `12.3 kB`: 1 kB is 1,000 bytes, as in Vite's own report. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(2)} MB`
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1000,
  kib: 1024,
  m: 1_000_000,
  mb: 1_000_000,
  mib: 1024 * 1024,
}

/**
 * Bytes that `200kB`, `1.5 MB` or `2000` stand for.
 *
 * @throws TypeError when it is no size
 */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const factor = UNITS[unit.toLowerCase()]
  if (number === undefined || factor === undefined) {
    throw new TypeError(`"${text}" is not a size. Write it as 200kB, 1.5MB or 2000 (bytes).`)
  }
  return Number(number) * factor
}
