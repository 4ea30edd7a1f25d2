// Server rendering: what ssr() costs over calling render() by hand in the same Express app.
import { resolve } from 'node:path'
import type { Bench, Measurement } from '../bench.js'
import { COLUMNS, type Contestant, compare, lines, ratio } from '../compare.js'
import { RENDERED, writeRendered } from '../fixtures/rendered.js'
import type { Query } from '../load.js'
import { atMost, type Findings } from '../result.js'

const NAVIGATION: Query = { path: '/shop', headers: { Accept: 'text/html,application/xhtml+xml' } }

interface Row {
  readonly title: string
  readonly entry: string
  readonly byHand: string
  readonly ours: string
  readonly env: NodeJS.ProcessEnv
  /** How much longer it may take, as a ratio. */
  readonly limit?: number
}

const built = {
  byHand: 'ssr/builtByHand',
  ours: 'ssr/built',
  env: { NODE_ENV: 'production' },
}
const developed = {
  byHand: 'ssr/developedByHand',
  ours: 'ssr/developed',
  env: { NODE_ENV: 'development' },
}

const rows: readonly Row[] = [
  { title: 'SSR: a React page, production', entry: RENDERED.react, ...built, limit: 1.05 },
  { title: 'SSR: a React page, development', entry: RENDERED.react, ...developed, limit: 1.05 },
  { title: 'SSR: render() that does nothing, production', entry: RENDERED.hello, ...built },
]

export const ssr: readonly Measurement[] = rows.map((row) => ({
  title: row.title,
  how: `GET ${NAVIGATION.path}, rendered for each request.`,
  measure: (bench) => measure(row, bench),
}))

const MODULES = resolve(import.meta.dirname, '../../node_modules')

async function measure(row: Row, { dist, pace, launcher, fixture }: Bench): Promise<Findings> {
  const { title, entry, env, limit } = row
  const byHand: Contestant = { server: row.byHand, label: 'by hand, Express 5', env }
  const ours: Contestant = { server: row.ours, label: '`vite.ssr()`, Express 5', env }
  const root = fixture('rendered', (directory) => writeRendered(directory, MODULES))
  const comparison = {
    query: NAVIGATION,
    status: 200,
    contestants: [byHand, ours],
    job: { dist, root, entry },
    connections: 8,
  }
  const standings = await compare(comparison, pace, launcher)
  const value = ratio(standings, byHand, ours)
  return {
    columns: COLUMNS,
    rows: lines(standings, comparison.contestants),
    verdicts: limit ? [atMost({ work: title, value, limit, of: '× by hand' })] : [],
  }
}
