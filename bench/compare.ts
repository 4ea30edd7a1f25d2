// Compares HTTP servers: one process each, the same load on all in alternating rounds.
import type { Pace } from './bench.js'
import { type Answer, type Load, load, probe, type Query } from './load.js'
import type { Launcher, Worker } from './process.js'
import { figure, fixed } from './result.js'
import { alternate, repeat } from './rounds.js'
import { median } from './stats.js'
import { cpuTime, machineTime, type Usage } from './worker.js'

export interface Contestant {
  /** Module and export below `servers/`: `connect-vite/express5`. */
  readonly server: string
  readonly label: string
  /** What this server is told beside what all are told. */
  readonly job?: object
  readonly env?: NodeJS.ProcessEnv
  /** No target speaks of it: it is there to compare with. */
  readonly peer?: boolean
}

export interface Comparison {
  readonly query: Query
  readonly status: number
  /** Ask with the entity tag of a first answer. */
  readonly revalidate?: boolean
  readonly contestants: readonly Contestant[]
  /** What every server is told. */
  readonly job: object
  readonly connections: number
}

/** What the rounds of one contestant say. */
export interface Figures {
  readonly perSecond: readonly number[]
  /** Microseconds of processor time for a request, all threads of the server together. */
  readonly cpu: readonly number[]
  /** Milliseconds, the median of each round. */
  readonly latency: readonly number[]
  readonly answer: Answer
}

export type Standings = ReadonlyMap<string, Figures>

export async function compare(
  comparison: Comparison,
  pace: Pace,
  launcher: Launcher,
): Promise<Standings> {
  const samples = await repeat(pace.processes, () => inTurn(comparison, pace, launcher))
  return new Map([...samples].map(([server, its]) => [server, figuresOf(its)]))
}

/** Starts one process for each contestant, and asks them in turn. */
async function inTurn(
  { query, status, revalidate = false, contestants, job, connections }: Comparison,
  { rounds, seconds }: Pace,
  launcher: Launcher,
): Promise<Map<string, Sample[]>> {
  const workers: Worker[] = []
  try {
    const cells = new Map<string, () => Promise<Sample>>()
    for (const { server, env, job: own } of contestants) {
      const worker = launcher.start('serve.js', { server, job: { ...job, ...own } }, { env })
      workers.push(worker)
      const port = await worker.ask<number>('port')
      const asked = revalidate ? await withTag(port, query) : query
      await warm(port, asked, connections)
      // Asked again: what is compressed in the background is ready by now.
      const answer = await probe(port, asked)
      if (answer.status !== status)
        throw new Error(`${server} answers ${answer.status} to ${asked.path}`)
      cells.set(server, () =>
        cell(worker, answer, () => load(port, asked, answer, { connections, seconds })),
      )
    }
    return await alternate(cells, rounds)
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** Loads a server until its code is compiled, which takes a number of requests rather than a time. */
async function warm(port: number, query: Query, connections: number): Promise<void> {
  const answer = await probe(port, query)
  const start = performance.now()
  let requests = 0
  while (requests < WARM_REQUESTS && performance.now() - start < WARM_MILLISECONDS) {
    requests += (await load(port, query, answer, { connections, seconds: 0.2 })).requests
  }
}

const WARM_REQUESTS = 4000
const WARM_MILLISECONDS = 2000

async function withTag(port: number, query: Query): Promise<Query> {
  const { headers } = await probe(port, query)
  return {
    ...query,
    headers: { ...query.headers, 'If-None-Match': headers.get('etag') ?? '"none"' },
  }
}

interface Sample extends Load {
  readonly cpu: number
  readonly answer: Answer
  /** Microseconds of processor time that everything else on the machine has used meanwhile. */
  readonly noise: number
}

async function cell(worker: Worker, answer: Answer, run: () => Promise<Load>): Promise<Sample> {
  const used = async () => (await worker.ask<Usage>('usage')).cpu
  const [machine, own, server] = [machineTime(), cpuTime(), await used()]
  const loaded = await run()
  const cpu = (await used()) - server
  const noise = machineTime() - machine - (cpuTime() - own) - cpu
  return { ...loaded, answer, noise, cpu: cpu / loaded.requests }
}

function figuresOf(samples: readonly Sample[]): Figures {
  const counted = quietHalf(samples)
  return {
    perSecond: counted.map(({ requests, seconds }) => requests / seconds),
    cpu: counted.map(({ cpu }) => cpu),
    latency: counted.map(({ latencies }) => median(latencies)),
    answer: samples[0]!.answer,
  }
}

/** Who shares caches and cores with others is slower, by processor time as well. */
function quietHalf(samples: readonly Sample[]): Sample[] {
  return [...samples].sort((a, b) => a.noise - b.noise).slice(0, Math.ceil(samples.length / 2))
}

/**
 * How many requests `one` answers while `other` answers one, for the same processor time: what the servers would
 * do on a core of their own. Requests by the clock say the same on a quiet machine, and nothing on a busy one.
 */
export function ratio(standings: Standings, one: Contestant, other: Contestant): number {
  return median(of(standings, other).cpu) / median(of(standings, one).cpu)
}

/** How many microseconds of processor time more a request takes with `one` than with `other`. */
export function extra(standings: Standings, one: Contestant, other: Contestant): number {
  return median(of(standings, one).cpu) - median(of(standings, other).cpu)
}

export function of(standings: Standings, { server }: Contestant): Figures {
  const figures = standings.get(server)
  if (figures === undefined) throw new Error(`${server} was not measured`)
  return figures
}

export const COLUMNS = ['server', 'CPU µs/request', 'ratio', 'requests/s', 'ratio', 'answer']

/** One line for each contestant; ratios are to the first. */
export function lines(
  standings: Standings,
  contestants: readonly Contestant[],
): Array<readonly string[]> {
  const [first] = contestants
  return contestants.map((contestant) => {
    const { perSecond, cpu, answer } = of(standings, contestant)
    const byClock = median(perSecond) / median(of(standings, first!).perSecond)
    return [
      contestant.label,
      figure(cpu, 1),
      fixed(ratio(standings, contestant, first!), 2),
      figure(perSecond),
      fixed(byClock, 2),
      describe(answer),
    ]
  })
}

function describe({ status, headers }: Answer): string {
  const length = headers.get('content-length')
  const bytes = length === undefined || status === 304 ? '' : ` ${fixed(Number(length), 0)} B`
  const coding = headers.get('content-encoding')
  return `${status}${bytes}${coding ? ` ${coding}` : ''}`
}
