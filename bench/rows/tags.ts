// viteTags(), warm: calls a second, with a small manifest and a large one, and beside what Adonis prints.
import { createRequire } from 'node:module'
import type { Bench, Measurement } from '../bench.js'
import { writeBuild } from '../fixtures/build.js'
import type { Worker } from '../process.js'
import { atLeast, type Findings, figure, fixed, type Verdict } from '../result.js'
import { alternate, repeat } from '../rounds.js'
import { median } from '../stats.js'
import type { How, TagJob } from '../tasks/tags.js'

const SMALL = 10
const LARGE = 10_000

interface Call {
  readonly how: How
  readonly label: string
  /** Calls a second. */
  readonly limit?: number
}

const OURS: readonly Call[] = [
  { how: 'locals', label: '`res.locals.viteTags(entry)`', limit: 2e6 },
  { how: 'localsWithNonce', label: '`res.locals.viteTags(entry)` with a nonce', limit: 1e6 },
  { how: 'handle', label: '`vite.tags(entry)`', limit: 2e6 },
  { how: 'handleWithNonce', label: '`vite.tags(entry, { nonce })`', limit: 1e6 },
  {
    how: 'middlewareAndTags',
    label: 'the middleware and `viteTags` with a nonce, for each response',
  },
]

const ADONIS = '@adonisjs/vite'
const PEERS: readonly Call[] = [
  { how: 'adonis', label: `${ADONIS}, without a nonce` },
  { how: 'adonisWithNonce', label: `${ADONIS}, with a nonce` },
]

/** A warm call may not depend on the size of the manifest; this much is noise. */
const SAME = 0.8

export const tags: readonly Measurement[] = [
  {
    title: 'Tags of an entry, warm',
    how: `The entry has two stylesheets and imports five chunks. Calls in a second of processor time, with manifests of ${SMALL} and of ${fixed(LARGE, 0)} chunks. ${ADONIS} knows no nonce, so it gets one as an attribute; it is measured where it is installed.`,
    measure,
  },
]

async function measure(bench: Bench): Promise<Findings> {
  const { pace } = bench
  const calls = isInstalled(ADONIS) && !pace.essentialsOnly ? [...OURS, ...PEERS] : OURS
  const rounds = await repeat(pace.processes, () => inTurn(calls, bench))
  const of = (how: How, chunks: number) => rounds.get(nameOf(how, chunks)) ?? []
  return {
    columns: ['call', `${SMALL} chunks`, `${fixed(LARGE, 0)} chunks`, 'ratio'],
    rows: calls.map(({ how, label }) => [
      label,
      figure(of(how, SMALL)),
      figure(of(how, LARGE)),
      fixed(median(of(how, LARGE)) / median(of(how, SMALL)), 2),
    ]),
    verdicts: calls.flatMap((call) =>
      verdictsOn(call, median(of(call.how, SMALL)), median(of(call.how, LARGE))),
    ),
  }
}

/** Starts one process for each call and size, and lets them work in turn. */
async function inTurn(
  calls: readonly Call[],
  { launcher, pace, dist, fixture }: Bench,
): Promise<Map<string, number[]>> {
  const workers = new Map<string, Worker>()
  try {
    for (const chunks of [SMALL, LARGE]) {
      const { outDir } = fixture(`build-${chunks}`, (directory) =>
        writeBuild(directory, { chunks }),
      )
      for (const { how } of calls) {
        const job: TagJob = { dist, outDir, how, seconds: pace.seconds }
        workers.set(nameOf(how, chunks), launcher.start('tasks/tags.js', job, { flags: STEADY }))
      }
    }
    for (const worker of workers.values()) await worker.ask('warm')
    const cells = [...workers].map(
      ([name, worker]) => [name, () => worker.ask<number>('round')] as const,
    )
    return await alternate(new Map(cells), pace.rounds)
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.close()))
  }
}

/**
 * Literals that live long while the process starts may make V8 put all later ones among the old objects, or may not. The
 * responses of these calls are such literals, which those of a server are not.
 */
const STEADY = ['--no-allocation-site-pretenuring']

const nameOf = (how: How, chunks: number) => `${how} ${chunks}`

function verdictsOn({ label, limit }: Call, small: number, large: number): Verdict[] {
  if (limit === undefined) return []
  const work = `${label}, ${fixed(LARGE, 0)} chunks`
  return [
    atLeast({ work, value: large / 1e6, limit: limit / 1e6, of: 'million calls/s' }),
    atLeast({ work, value: large / small, limit: SAME, of: `× as with ${SMALL} chunks` }),
  ]
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}
