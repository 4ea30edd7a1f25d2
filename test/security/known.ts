// Faults that the generated requests have found and that are not fixed yet. The list has to become empty.

export interface Fault {
  readonly fault: string
  matches(claim: string, wrong: string): boolean
}

export const known: readonly Fault[] = []

const hits = new Set<Fault>()

/** What is left after the known faults. */
export function unknown(claim: string, wrong: readonly string[]): string[] {
  return wrong.filter((line) => {
    const found = known.find(({ matches }) => matches(claim, line))
    if (found) hits.add(found)
    return !found
  })
}

export const fixed = (): string[] => known.filter((one) => !hits.has(one)).map(({ fault }) => fault)
