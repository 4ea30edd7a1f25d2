// Built files in production: how many requests a second, beside servers that do less and servers that do the same.
import type { Bench, Measurement } from '../bench.js'
import {
  COLUMNS,
  type Comparison,
  type Contestant,
  compare,
  lines,
  ratio,
  type Standings,
} from '../compare.js'
import { type SiteFiles, writeSite } from '../fixtures/site.js'
import { atLeast, type Findings, type Verdict } from '../result.js'
import { PAGE } from '../servers/app.js'

/** One table of the report. */
interface Row extends Omit<Measurement, 'measure'> {
  ask(site: SiteFiles): Pick<Comparison, 'query' | 'status' | 'revalidate'>
  /** What the servers that know no directory answer with. */
  file(site: SiteFiles): string
  readonly contestants: readonly Contestant[]
  verdicts(standings: Standings): Verdict[]
}

const end: Contestant = { server: 'bare/end', label: '`res.end(buffer)`, bare http' }
const expressEnd: Contestant = {
  server: 'bare/expressEnd',
  label: '`res.end(buffer)`, Express 5',
}
const notModified: Contestant = { server: 'bare/notModified', label: 'a bare 304' }
const next: Contestant = { server: 'bare/next', label: '`next()`, bare http' }
const connectNext: Contestant = { server: 'bare/connectNext', label: '`next()`, Connect' }
const expressNext: Contestant = { server: 'bare/expressNext', label: '`next()`, Express 5' }

const onBare: Contestant = { server: 'connect-vite/bare', label: 'connect-vite, bare http' }
const onConnect: Contestant = { server: 'connect-vite/connect', label: 'connect-vite, Connect' }
const wrapped: Contestant = {
  server: 'connect-vite/wrap',
  label: 'connect-vite, `wrap` before Express 5',
}
const onExpress: Contestant = { server: 'connect-vite/express5', label: 'connect-vite, Express 5' }

const sirvOnBare: Contestant = { server: 'sirv/bare', label: 'sirv, bare http' }
const sirvOnConnect: Contestant = { server: 'sirv/connect', label: 'sirv, Connect' }
const expressStatic: Contestant = {
  server: 'express-static/express5',
  label: 'express.static, Express 5',
}
const express4Static: Contestant = {
  server: 'express-static/express4',
  label: 'express.static, Express 4',
}
const fastify: Contestant = { server: 'fastify/bare', label: '@fastify/static' }
const viteExpress: Contestant = {
  server: 'vite-express/express5',
  label: 'vite-express, Express 5',
}

/** No target speaks of these: they are there to compare with. */
const asPeers = (contestants: readonly Contestant[]) =>
  contestants.map((contestant) => ({ ...contestant, peer: true }))

const ours = [onBare, onConnect, wrapped, onExpress]

const sending: readonly Contestant[] = [
  end,
  ...asPeers([{ server: 'bare/endWithHeaders', label: 'the same with headers' }]),
  ...ours,
  expressEnd,
  ...asPeers([{ server: 'bare/expressEndWithHeaders', label: 'the same with headers, Express 5' }]),
  sirvOnBare,
  sirvOnConnect,
  ...asPeers([fastify]),
  expressStatic,
  ...asPeers([express4Static, viteExpress]),
]

const passing: readonly Contestant[] = [
  connectNext,
  onConnect,
  ...asPeers([sirvOnConnect]),
  next,
  onBare,
  expressNext,
  onExpress,
  ...asPeers([wrapped, expressStatic, viteExpress]),
]

const rows: readonly Row[] = [
  {
    title: 'A hashed file of 10 kB',
    how: 'GET without Accept-Encoding.',
    ask: ({ small }) => ({ query: { path: `/${small}` }, status: 200 }),
    file: ({ small }) => small,
    contestants: sending,
    verdicts: (standings) => [
      times(standings, '10 kB, bare http', onBare, end, 0.85),
      times(standings, '10 kB, Connect', onConnect, end, 0.85),
      times(standings, '10 kB, bare http', onBare, sirvOnBare, 4),
      times(standings, '10 kB, Connect', onConnect, sirvOnConnect, 4),
      times(standings, '10 kB, Express 5', onExpress, expressEnd, 0.9),
      times(standings, '10 kB, Express 5', onExpress, expressStatic, 2),
      times(standings, '10 kB, `wrap`', wrapped, end, 0.8),
    ],
  },
  {
    title: 'A file of 300 kB',
    how: 'GET without Accept-Encoding.',
    ask: ({ large }) => ({ query: { path: `/${large}` }, status: 200 }),
    file: ({ large }) => large,
    contestants: sending,
    verdicts: (standings) => [times(standings, '300 kB, bare http', onBare, end, 0.85)],
  },
  {
    title: '304 Not Modified',
    how: 'GET with If-None-Match. The bare server sends no headers with it; ours sends ETag, Cache-Control and Vary, as RFC 9110 §15.4.5 wants.',
    ask: ({ small }) => ({ query: { path: `/${small}` }, status: 304, revalidate: true }),
    file: ({ small }) => small,
    contestants: [
      notModified,
      ...asPeers([{ server: 'bare/notModifiedWithHeaders', label: 'the same with headers' }]),
      onBare,
      onExpress,
      ...asPeers([
        { server: 'bare/expressNotModified', label: 'a bare 304, Express 5' },
        sirvOnBare,
        fastify,
        expressStatic,
        express4Static,
        viteExpress,
      ]),
    ],
    verdicts: (standings) => [times(standings, '304, bare http', onBare, notModified, 0.85)],
  },
  {
    title: 'Brotli, negotiated',
    how: 'GET of the 10 kB file with the Accept-Encoding of a browser; `.br` and `.gz` lie beside the file.',
    essential: false,
    ask: ({ small }) => ({
      query: { path: `/${small}`, headers: { 'Accept-Encoding': 'gzip, deflate, br, zstd' } },
      status: 200,
    }),
    file: ({ small }) => `${small}.br`,
    contestants: [end, onBare, onExpress, sirvOnBare, fastify, viteExpress],
    verdicts: () => [],
  },
  {
    title: 'A request that is not an asset',
    how: `GET ${PAGE}, answered by the app behind the middleware.`,
    essential: false,
    ask: () => ({ query: { path: PAGE }, status: 200 }),
    file: ({ small }) => small,
    contestants: passing,
    verdicts: () => [],
  },
  {
    title: 'A 404 that falls through',
    how: 'GET /nothing.png, answered by the 404 of the app.',
    essential: false,
    ask: () => ({ query: { path: '/nothing.png' }, status: 404 }),
    file: ({ small }) => small,
    contestants: [connectNext, onConnect, sirvOnConnect, expressNext, onExpress, expressStatic],
    verdicts: () => [],
  },
]

function times(
  standings: Standings,
  work: string,
  one: Contestant,
  other: Contestant,
  limit: number,
): Verdict {
  return atLeast({ work, value: ratio(standings, one, other), limit, of: `× ${other.label}` })
}

/** More than one, so that a server never waits for the next request. */
const CONNECTIONS = 32

export const files: readonly Measurement[] = rows.map((row) => ({
  ...row,
  measure: (bench) => measure(row, bench),
}))

async function measure(row: Row, { pace, launcher, dist, fixture }: Bench): Promise<Findings> {
  const site = fixture('site', writeSite)
  const contestants = row.contestants.filter(({ peer }) => !(peer && pace.essentialsOnly))
  const job = { dist, outDir: site.outDir, file: row.file(site) }
  const comparison = { ...row.ask(site), contestants, job, connections: CONNECTIONS }
  const standings = await compare(comparison, pace, launcher)
  return {
    columns: COLUMNS,
    rows: lines(standings, contestants),
    verdicts: row.verdicts(standings),
  }
}
