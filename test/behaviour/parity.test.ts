// Development answers as production does: every target, asked in every way, in every mode, mount and base.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tableIn } from '../docs/support/pages.js'
import type { Directory } from '../support/directory.js'
import { bundledDifferences } from './parity/bundled-differences.js'
import { type Difference, differences, known } from './parity/differences.js'
import { kinds } from './parity/questions.js'
import { buildSite, createSite, type Setting } from './parity/site.js'
import { survey } from './parity/survey.js'
import { targets } from './parity/targets.js'

const VITE = 'vite'
const modes = ['embedded', 'external', 'bundled'] as const
const settings: readonly Setting[] = ['/', '/app/', './'].flatMap((base) =>
  ['/', '/sub'].map((mount) => ({ base, mount })),
)

let site: Directory
const found: Difference[] = []

beforeAll(async () => {
  site = await createSite(VITE)
  for (const setting of settings) {
    if (setting.mount === '/') await buildSite(site.path, setting.base, VITE)
    const production = await survey('production', setting, site.path, VITE)
    for (const mode of modes) {
      const development = await survey(mode, setting, site.path, VITE)
      development.forEach(({ answer, ...question }, index) => {
        const expected = production[index]?.answer as string
        if (answer === expected) return
        found.push({ ...setting, ...question, mode, production: expected, development: answer })
      })
    }
  }
}, 300_000)
afterAll(() => site?.remove())

const isExplained = (one: Difference) =>
  [...differences, ...bundledDifferences, ...known].some(({ matches }) => matches(one))

const inWords = ({ group, name, kind, production, development }: Difference) =>
  `${kind} of ${group} ${name}: ${development} instead of ${production}`

describe.each(modes)('an app with a Vite that is %s', (mode) => {
  it.each(settings)(
    'answers as in production, with the base $base mounted at $mount',
    ({ base, mount }) => {
      const here = found.filter(
        (one) => one.mode === mode && one.base === base && one.mount === mount,
      )
      expect(here.filter((one) => !isExplained(one)).map(inWords)).toEqual([])
    },
  )
})

describe('the tables of differences', () => {
  it.each([...differences, ...bundledDifferences])(
    'has a line that still occurs: $request',
    ({ matches }) => {
      expect(found.some(matches)).toBe(true)
    },
  )

  it.each([
    ['docs/development.md', 'What differs', differences],
    ['docs/bundled-development.md', 'What differs from production', bundledDifferences],
  ])('are the tables in the guides: %s', (page, heading, rules) => {
    const rows = rules.map(({ request, production, development, why }) => [
      request,
      production,
      development,
      why,
    ])
    expect(tableIn(page, heading)).toEqual(rows)
  })
})

it('has no known fault that is fixed already', () => {
  const fixed = known.filter(({ matches }) => !found.some(matches))
  expect(fixed.map(({ fault }) => fault)).toEqual([])
})

it('asks for some 200 targets in seven ways', () => {
  expect(targets.length).toBeGreaterThanOrEqual(190)
  expect(kinds).toHaveLength(7)
})
