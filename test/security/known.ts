// Faults that the generated requests have found and that are not fixed yet. The list has to become empty.

export interface Fault {
  readonly fault: string
  matches(claim: string, wrong: string): boolean
}

export const known: readonly Fault[] = [
  {
    fault: 'dotfiles are given away by /@fs and /@id with the base /',
    matches: (claim, wrong) => claim === 'files' && wrong.startsWith('a dotfile'),
  },
  {
    fault: '.git is given away by Vite 5',
    matches: (claim, wrong) =>
      claim === 'files' && wrong.startsWith('a secret') && /git/i.test(wrong),
  },
  {
    fault: 'crooked paths reach Vite below /@…, below a base, and an external Vite',
    matches: (claim) => claim === 'crooked',
  },
  {
    fault: 'the stylesheet endpoint answers under any host on Vite 5 and 6',
    matches: (claim, wrong) => claim === 'hosts' && wrong.includes('@connect-vite/stylesheets'),
  },
  {
    fault: 'the waiting page answers under any host',
    matches: (claim) => claim === 'waiting page',
  },
]

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
