// Numbers for docs/reliability.md: `FIGURES=1 npx vitest run test/reliability` prints them.

export function figure(what: string, value: number, unit: string): void {
  if (process.env.FIGURES) console.info(`${what}: ${Number(value.toPrecision(3))} ${unit}`)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
