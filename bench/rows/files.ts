// Built files in production: how many requests a second, beside servers that do less and servers that do the same.
import { join } from 'node:path'
import type { Bench, Measurement } from '../bench.js'
import {
  COLUMNS,
  type Comparison,
  type Contestant,
  compare,
  extra,
  lines,
  ratio,
  type Standings,
} from '../compare.js'
import { type SiteFiles, writeSite } from '../fixtures/site.js'
import { atLeast, atMost, type Result, type Verdict } from '../result.js'
import { PAGE } from '../servers/app.js'

/** One table of the report. */
interface Row {
  readonly title: string
  readonly how: string
  ask(site: SiteFiles): Pick<Comparison, 'query' | 'status' | 'revalidate'>
  /** What the servers that know no directory answer with. */
  file(site: SiteFiles): string
  readonly contestants: readonly Contestant[]
  verdicts(standings: Standings): Verdict[]
}

const ours: readonly Contestant[] = [
  { server: 'connect-vite/bare', label: 'connect-vite, bare http' },
  { server: 'connect-vite/connect', label: 'connect-vite, Connect' },
  { server: 'connect-vite/wrap', label: 'connect-vite, `wrap` before Express 5' },
  { server: 'connect-vite/express5', label: 'connect-vite, Express 5' },
]

const peers: readonly Contestant[] = [
  { server: 'sirv/bare', label: 'sirv, bare http' },
  { server: 'sirv/connect', label: 'sirv, Connect' },
  { server: 'fastify/bare', label: '@fastify/static', peer: true },
  { server: 'express-static/express5', label: 'express.static, Express 5' },
  { server: 'express-static/express4', label: 'express.static, Express 4', peer: true },
  { server: 'vite-express/express5', label: 'vite-express, Express 5', peer: true },
]

const end: Contestant = { server: 'bare/end', label: '`res.end(buffer)`, bare http' }

const sending: readonly Contestant[] = [
  end,
  { server: 'bare/endWithHeaders', label: 'the same with headers', peer: true },
  ...ours,
  { server: 'bare/expressEnd', label: '`res.end(buffer)`, Express 5' },
  ...peers,
]

const passing: readonly Contestant[] = [
  { server: 'bare/connectNext', label: '`next()`, Connect' },
  { server: 'connect-vite/connect', label: 'connect-vite, Connect' },
  { server: 'sirv/connect', label: 'sirv, Connect', peer: true },
  { server: 'bare/next', label: '`next()`, bare http' },
  { server: 'connect-vite/bare', label: 'connect-vite, bare http' },
  { server: 'bare/expressNext', label: '`next()`, Express 5' },
  { server: 'connect-vite/express5', label: 'connect-vite, Express 5' },
  { server: 'connect-vite/wrap', label: 'connect-vite, `wrap` and Express 5', peer: true },
  { server: 'express-static/express5', label: 'express.static, Express 5', peer: true },
  { server: 'vite-express/express5', label: 'vite-express, Express 5', peer: true },
]

const rows: readonly Row[] = [
  {
    title: 'A hashed file of 10 kB',
    how: 'GET without Accept-Encoding.',
    ask: ({ small }) => ({ query: { path: `/${small}` }, status: 200 }),
    file: ({ small }) => small,
    contestants: sending,
    verdicts: (standings) => [
      ...['bare', 'connect'].flatMap((on) => [
        beside(standings, `10 kB, ${on} http`, `connect-vite/${on}`, 'bare/end', 0.85),
        beside(standings, `10 kB, ${on} http`, `connect-vite/${on}`, `sirv/${on}`, 4),
      ]),
      beside(standings, '10 kB, Express 5', 'connect-vite/express5', 'bare/expressEnd', 0.9),
      beside(standings, '10 kB, Express 5', 'connect-vite/express5', 'express-static/express5', 2),
      beside(standings, '10 kB, `wrap`', 'connect-vite/wrap', 'bare/end', 0.8),
    ],
  },
  {
    title: 'A file of 300 kB',
    how: 'GET without Accept-Encoding.',
    ask: ({ large }) => ({ query: { path: `/${large}` }, status: 200 }),
    file: ({ large }) => large,
    contestants: sending,
    verdicts: (standings) => [
      beside(standings, '300 kB, bare http', 'connect-vite/bare', 'bare/end', 0.85),
    ],
  },
  {
    title: '304 Not Modified',
    how: 'GET with If-None-Match. The bare server sends no headers with it; ours sends ETag, Cache-Control and Vary, as RFC 9110 §15.4.5 wants.',
    ask: ({ small }) => ({ query: { path: `/${small}` }, status: 304, revalidate: true }),
    file: ({ small }) => small,
    contestants: [
      { server: 'bare/notModified', label: 'bare 304' },
      { server: 'bare/notModifiedWithHeaders', label: 'the same with headers', peer: true },
      ...ours,
      { server: 'bare/expressNotModified', label: 'bare 304, Express 5', peer: true },
      ...peers.map((peer) => ({ ...peer, peer: true })),
    ],
    verdicts: (standings) => [
      beside(standings, '304, bare http', 'connect-vite/bare', 'bare/notModified', 0.85),
    ],
  },
  {
    title: 'Brotli, negotiated',
    how: 'GET of the 10 kB file with the Accept-Encoding of a browser; `.br` and `.gz` lie beside the file.',
    ask: ({ small }) => ({
      query: { path: `/${small}`, headers: { 'Accept-Encoding': 'gzip, deflate, br, zstd' } },
      status: 200,
    }),
    file: ({ small }) => `${small}.br`,
    contestants: sending.map((contestant) => ({ ...contestant, peer: contestant !== end })),
    verdicts: () => [],
  },
  {
    title: 'A request that is not an asset',
    how: `GET ${PAGE}, answered by the app behind the middleware.`,
    ask: () => ({ query: { path: PAGE }, status: 200 }),
    file: ({ small }) => small,
    contestants: passing,
    verdicts: (standings) => [
      beyond(standings, 'not an asset, Connect', 'connect-vite/connect', 'bare/connectNext'),
      beyond(standings, 'not an asset, bare http', 'connect-vite/bare', 'bare/next'),
      beyond(standings, 'not an asset, Express 5', 'connect-vite/express5', 'bare/expressNext'),
    ],
  },
  {
    title: 'A 404 that falls through',
    how: 'GET /nothing.png, answered by the 404 of the app.',
    ask: () => ({ query: { path: '/nothing.png' }, status: 404 }),
    file: ({ small }) => small,
    contestants: passing.map((contestant) => ({ ...contestant, peer: true })),
    verdicts: () => [],
  },
]

function beside(
  standings: Standings,
  work: string,
  one: string,
  other: string,
  limit: number,
): Verdict {
  return atLeast({ work, value: ratio(standings, one, other), limit, of: `× ${other}` })
}

function beyond(standings: Standings, work: string, one: string, other: string): Verdict {
  return atMost({
    work,
    value: extra(standings, one, other),
    limit: 2,
    of: `µs more than ${other}`,
  })
}

/** More than one, so that a server never waits for the next request. */
const CONNECTIONS = 32

export const files: Measurement = async (bench) => {
  const site = writeSite(join(bench.scratch, 'site'))
  const results: Result[] = []
  for (const row of rows) results.push(await measure(row, site, bench))
  return results
}

async function measure(row: Row, site: SiteFiles, bench: Bench): Promise<Result> {
  const { pace, launcher, dist } = bench
  const contestants = row.contestants.filter(({ peer }) => !(peer && pace.essentialsOnly))
  const job = { dist, outDir: site.outDir, file: row.file(site) }
  const comparison = { ...row.ask(site), contestants, job, connections: CONNECTIONS }
  const standings = await compare(comparison, pace, launcher)
  return {
    title: row.title,
    how: row.how,
    columns: COLUMNS,
    rows: lines(standings, contestants),
    verdicts: row.verdicts(standings),
  }
}
