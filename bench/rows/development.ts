// Development: what the middleware costs a request of the app, and a request for a module.
import { resolve } from 'node:path'
import type { Bench, Measurement } from '../bench.js'
import {
  COLUMNS,
  type Comparison,
  type Contestant,
  compare,
  extra,
  lines,
  of,
  ratio,
} from '../compare.js'
import { MODULE, writeProject } from '../fixtures/development.js'
import type { Query } from '../load.js'
import { atMost, type Findings, figure } from '../result.js'
import { PAGE } from '../servers/app.js'
import { median } from '../stats.js'

const env = { NODE_ENV: 'development' }

const next: Contestant = { server: 'bare/expressNext', label: '`next()`, Express 5', env }
const onExpress: Contestant = {
  server: 'development/express5',
  label: 'connect-vite, Vite inside, Express 5',
  env,
}
const itsMiddlewares: Contestant = {
  server: 'development/viteMiddlewares',
  label: "Vite's own middleware stack",
  env,
}
const embedded: Contestant = {
  server: 'development/bare',
  label: 'connect-vite, Vite inside, bare http',
  env,
}
const itself: Contestant = { server: 'development/vite', label: 'Vite, asked directly', env }
const external: Contestant = {
  server: 'development/external',
  label: 'connect-vite, external Vite',
  env,
}

interface Passing {
  readonly what: string
  readonly query: Query
  readonly status: number
}

const PASSING: readonly Passing[] = [
  {
    what: 'a navigation',
    query: {
      path: PAGE,
      headers: { Accept: 'text/html,application/xhtml+xml', 'Sec-Fetch-Dest': 'document' },
    },
    status: 200,
  },
  {
    what: 'a call of an API',
    query: { path: PAGE, headers: { 'Sec-Fetch-Dest': 'empty' } },
    status: 200,
  },
  // The most that a request of the app can cost: it might be a file of Vite's root.
  {
    what: 'a download that is not there',
    query: { path: '/nothing.pdf', headers: { 'Sec-Fetch-Dest': 'empty' } },
    status: 404,
  },
]

export const development: readonly Measurement[] = [
  ...PASSING.map((passing): Measurement => {
    const title = `Development: ${passing.what}`
    return {
      title,
      how: `GET ${passing.query.path}, which is not Vite's.`,
      measure: (bench) => measurePassing(passing, title, bench),
    }
  }),
  {
    title: 'Development: a module, Vite inside',
    how: `GET ${MODULE}, which Vite has transformed already.`,
    measure: measureEmbedded,
  },
  {
    title: 'Development: a module, external Vite',
    how: `GET ${MODULE}, one request after the other. Milliseconds until the answer is there.`,
    measure: measureExternal,
  },
]

const MODULES = resolve(import.meta.dirname, '../../node_modules')

const projectOf = ({ fixture }: Bench) =>
  fixture('project', (directory) => writeProject(directory, MODULES))

const CONNECTIONS = 8

async function measurePassing(
  { query, status }: Passing,
  work: string,
  bench: Bench,
): Promise<Findings> {
  const root = projectOf(bench)
  const comparison: Comparison = {
    query,
    status,
    contestants: [next, onExpress],
    job: { dist: bench.dist, root },
    connections: CONNECTIONS,
  }
  const standings = await compare(comparison, bench.pace, bench.launcher)
  const value = extra(standings, onExpress, next) / 1000
  return {
    columns: COLUMNS,
    rows: lines(standings, comparison.contestants),
    verdicts: [atMost({ work, value, limit: 0.1, of: 'ms more than `next()`', digits: 3 })],
  }
}

async function measureEmbedded(bench: Bench): Promise<Findings> {
  const comparison: Comparison = {
    query: { path: MODULE },
    status: 200,
    contestants: [itsMiddlewares, embedded],
    job: { dist: bench.dist, root: projectOf(bench) },
    connections: CONNECTIONS,
  }
  const standings = await compare(comparison, bench.pace, bench.launcher)
  const value = ratio(standings, itsMiddlewares, embedded)
  return {
    columns: COLUMNS,
    rows: lines(standings, comparison.contestants),
    verdicts: [
      atMost({ work: 'a module, Vite inside', value, limit: 1.1, of: "× Vite's own stack" }),
    ],
  }
}

/** One request after the other: what counts here is how long one takes. */
async function measureExternal(bench: Bench): Promise<Findings> {
  const { dist, pace, launcher } = bench
  const root = projectOf(bench)
  const vite = launcher.start('serve.js', { server: itself.server, job: { root } }, { env })
  try {
    const devServer = `http://127.0.0.1:${await vite.ask<number>('port')}`
    const comparison: Comparison = {
      query: { path: MODULE },
      status: 200,
      contestants: [itself, { ...external, job: { devServer } }],
      job: { dist, root },
      connections: 1,
    }
    const standings = await compare(comparison, pace, launcher)
    const latency = (contestant: Contestant) => of(standings, contestant).latency
    const value = median(latency(external)) - median(latency(itself))
    return {
      columns: ['server', 'ms'],
      rows: comparison.contestants.map((contestant) => [
        contestant.label,
        figure(latency(contestant), 3),
      ]),
      verdicts: [
        atMost({ work: 'a module, external Vite', value, limit: 2, of: 'ms more than directly' }),
      ],
    }
  } finally {
    await vite.close()
  }
}
