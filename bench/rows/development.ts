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
  type Standings,
} from '../compare.js'
import { MODULE, writeProject } from '../fixtures/development.js'
import type { Query } from '../load.js'
import { atMost, figure, type Result } from '../result.js'
import { PAGE } from '../servers/app.js'
import { median } from '../stats.js'

const CONNECTIONS = 8

const NAVIGATION: Query = {
  path: PAGE,
  headers: { Accept: 'text/html,application/xhtml+xml', 'Sec-Fetch-Dest': 'document' },
}
const CALL: Query = { path: PAGE, headers: { 'Sec-Fetch-Dest': 'empty' } }
/** The most that a request of the app can cost: it might be a file of Vite's root. */
const DOWNLOAD: Query = { path: '/nothing.pdf', headers: { 'Sec-Fetch-Dest': 'empty' } }

const development = { NODE_ENV: 'development' }

export const dev: Measurement = async (bench) => {
  const root = resolve(bench.scratch, 'project')
  writeProject(root, resolve(import.meta.dirname, '../../node_modules'))
  return [...(await passing(bench, root)), await embedded(bench, root), await proxied(bench, root)]
}

const apps: readonly Contestant[] = [
  { server: 'bare/expressNext', label: '`next()`, Express 5', env: development },
  { server: 'development/express5', label: 'connect-vite, embedded, Express 5', env: development },
]

async function passing({ dist, pace, launcher }: Bench, root: string): Promise<Result[]> {
  const asked = [
    { what: 'a navigation', query: NAVIGATION, status: 200 },
    { what: 'a call of an API', query: CALL, status: 200 },
    { what: 'a download that is not there', query: DOWNLOAD, status: 404 },
  ]
  const results: Result[] = []
  for (const { what, query, status } of asked) {
    const comparison = {
      query,
      status,
      contestants: apps,
      job: { dist, root, outDir: root, file: MODULE },
      connections: CONNECTIONS,
    }
    const standings = await compare(comparison, pace, launcher)
    results.push({
      title: `Development: ${what}`,
      how: `GET ${query.path}, which is not Vite's.`,
      columns: COLUMNS,
      rows: lines(standings, apps),
      verdicts: [
        atMost({
          work: `development, ${what}`,
          value: extra(standings, 'development/express5', 'bare/expressNext') / 1000,
          limit: 0.1,
          of: 'ms more than `next()`',
          digits: 3,
        }),
      ],
    })
  }
  return results
}

const inside: readonly Contestant[] = [
  { server: 'development/viteMiddlewares', label: "Vite's own middleware stack", env: development },
  { server: 'development/bare', label: 'connect-vite, embedded, bare http', env: development },
]

async function embedded({ dist, pace, launcher }: Bench, root: string): Promise<Result> {
  const comparison: Comparison = {
    query: { path: MODULE },
    status: 200,
    contestants: inside,
    job: { dist, root },
    connections: CONNECTIONS,
  }
  const standings = await compare(comparison, pace, launcher)
  const times = ratio(standings, 'development/viteMiddlewares', 'development/bare')
  return {
    title: 'Development: a module, Vite inside',
    how: `GET ${MODULE}, which Vite has transformed already.`,
    columns: COLUMNS,
    rows: lines(standings, inside),
    verdicts: [
      atMost({ work: 'a module, embedded', value: times, limit: 1.1, of: "× Vite's own stack" }),
    ],
  }
}

/** One request after the other: what counts here is how long one takes. */
async function proxied({ dist, pace, launcher }: Bench, root: string): Promise<Result> {
  const elsewhere = launcher.start(
    'serve.ts',
    { server: 'development/vite', job: { root } },
    development,
  )
  try {
    const devServer = `http://127.0.0.1:${await elsewhere.ask<number>('port')}`
    const outside: readonly Contestant[] = [
      { server: 'development/vite', label: 'Vite, asked directly', env: development },
      {
        server: 'development/proxied',
        label: 'connect-vite, proxied',
        env: development,
        job: { devServer },
      },
    ]
    const comparison: Comparison = {
      query: { path: MODULE },
      status: 200,
      contestants: outside,
      job: { dist, root },
      connections: 1,
    }
    const standings = await compare(comparison, pace, launcher)
    const latency = (server: string) => of(standings, server).latency
    const more =
      latencyOf(standings, 'development/proxied') - latencyOf(standings, 'development/vite')
    return {
      title: 'Development: a module, Vite elsewhere',
      how: `GET ${MODULE}, one request after the other. Milliseconds until the answer is there.`,
      columns: ['server', 'ms'],
      rows: outside.map(({ server, label }) => [label, figure(latency(server), 3)]),
      verdicts: [
        atMost({ work: 'a module, proxied', value: more, limit: 2, of: 'ms more than directly' }),
      ],
    }
  } finally {
    await elsewhere.close()
  }
}

function latencyOf(standings: Standings, server: string): number {
  return median(of(standings, server).latency)
}
