// viteTags(), warm: calls a second, with a small manifest and a large one.
import { join } from 'node:path'
import type { Measurement } from '../bench.js'
import { writeBuild } from '../fixtures/build.js'
import type { Worker } from '../process.js'
import { atLeast, figure, fixed, type Result } from '../result.js'
import { alternate } from '../rounds.js'
import { median } from '../stats.js'
import type { How, TagJob } from '../tasks/tags.js'

const CHUNKS = [10, 10_000] as const

const calls: ReadonlyArray<{ how: How; label: string; limit?: number }> = [
  { how: 'locals', label: '`res.locals.viteTags(entry)`', limit: 2e6 },
  { how: 'localsWithNonce', label: '`res.locals.viteTags(entry)` with a nonce', limit: 1e6 },
  { how: 'handle', label: '`vite.tags(entry)`', limit: 2e6 },
  { how: 'handleWithNonce', label: '`vite.tags(entry, { nonce })`', limit: 1e6 },
  {
    how: 'middlewareAndTags',
    label: 'the middleware and `viteTags` with a nonce, for each response',
  },
]

/** A warm call may not depend on the size of the manifest; this much is noise. */
const SAME = 0.8

export const tags: Measurement = async ({ launcher, pace, dist, scratch }) => {
  const builds = CHUNKS.map((chunks) => ({ chunks, outDir: join(scratch, `tags-${chunks}`) }))
  for (const { chunks, outDir } of builds) writeBuild(outDir, { chunks })

  const cases = calls.flatMap((call) => builds.map((build) => ({ ...call, ...build })))
  const workers = new Map<string, Worker>()
  for (const { how, chunks, outDir } of cases) {
    const job: TagJob = { dist, outDir, how, calls: pace.essentialsOnly ? 100_000 : 300_000 }
    workers.set(nameOf(how, chunks), launcher.start('tasks/tags.ts', job))
  }
  try {
    for (const worker of workers.values()) await worker.ask('settled')
    // The first round compiles the code, and is not counted.
    for (const worker of workers.values()) await worker.ask('round')
    const rounds = await alternate(
      new Map([...workers].map(([name, worker]) => [name, () => worker.ask<number>('round')])),
      pace.rounds,
    )
    return [resultOf((how, chunks) => rounds.get(nameOf(how, chunks)) ?? [])]
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.close()))
  }
}

const nameOf = (how: How, chunks: number) => `${how} ${chunks}`

function resultOf(of: (how: How, chunks: number) => readonly number[]): Result {
  const [small, large] = CHUNKS
  const growth = (how: How) => median(of(how, large)) / median(of(how, small))
  return {
    title: 'Tags of an entry, warm',
    how: `The entry has two stylesheets and imports five chunks. Calls in a second of processor time, with manifests of ${small} and ${fixed(large, 0)} chunks.`,
    columns: ['call', `${small} chunks`, `${fixed(large, 0)} chunks`, 'ratio'],
    rows: calls.map(({ how, label }) => [
      label,
      figure(of(how, small)),
      figure(of(how, large)),
      fixed(growth(how), 2),
    ]),
    verdicts: calls.flatMap(({ how, label, limit }) => [
      ...(limit
        ? [
            atLeast({
              work: label,
              value: median(of(how, large)) / 1e6,
              limit: limit / 1e6,
              of: 'million calls/s',
            }),
            atLeast({
              work: `${label}, ${fixed(large, 0)} chunks`,
              value: growth(how),
              limit: SAME,
              of: `× as with ${small} chunks`,
            }),
          ]
        : []),
    ]),
  }
}
