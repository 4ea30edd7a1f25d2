// What a request pays for the middleware when it is not an asset.
import type { Bench, Measurement } from '../bench.js'
import { writeSite } from '../fixtures/site.js'
import { atMost, type Findings, figure, fixed } from '../result.js'
import { alternate, repeat } from '../rounds.js'
import { median } from '../stats.js'
import type { Framework, Passed } from '../tasks/passing.js'

const FRAMEWORKS: readonly Framework[] = ['bare http', 'Connect', 'Express 5']

/** Microseconds. */
const LIMIT = 2

export const passing: readonly Measurement[] = [
  {
    title: 'What the middleware adds to a request that is not an asset',
    how: 'Microseconds from the framework to the end of the response: with a middleware that only calls `next()`, and with ours. Both in one app, in turn, without a network.',
    measure,
  },
]

async function measure(bench: Bench): Promise<Findings> {
  const rounds = await repeat(bench.pace.processes, () => inTurn(bench))
  const of = (framework: Framework) => rounds.get(framework) ?? []
  const added = (framework: Framework) => of(framework).map(({ ours, next }) => ours - next)
  return {
    columns: ['framework', '`next()`', 'connect-vite', 'added'],
    rows: FRAMEWORKS.map((framework) => [
      framework,
      figure(
        of(framework).map(({ next }) => next),
        2,
      ),
      figure(
        of(framework).map(({ ours }) => ours),
        2,
      ),
      fixed(median(added(framework)), 2),
    ]),
    verdicts: FRAMEWORKS.map((framework) =>
      atMost({
        work: `not an asset, ${framework}`,
        value: median(added(framework)),
        limit: LIMIT,
        of: 'µs more than `next()`',
      }),
    ),
  }
}

async function inTurn({ launcher, pace, dist, fixture }: Bench): Promise<Map<Framework, Passed[]>> {
  const { outDir } = fixture('site', writeSite)
  const worker = launcher.start('tasks/passing.js', { dist, outDir })
  try {
    await worker.ask('warm')
    const cells = FRAMEWORKS.map((name) => [name, () => worker.ask<Passed>(name)] as const)
    return await alternate(new Map(cells), pace.rounds)
  } finally {
    await worker.close()
  }
}
