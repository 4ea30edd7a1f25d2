// What a production app waits for before it can listen: the import of the package, and reading the build.
import type { Bench, Measurement } from '../bench.js'
import { writeBuild } from '../fixtures/build.js'
import type { Launcher } from '../process.js'
import { atMost, type Findings, figure, fixed } from '../result.js'
import { alternate } from '../rounds.js'
import { median } from '../stats.js'
import type { Imported, ImportJob } from '../tasks/import.js'
import type { Started, StartJob } from '../tasks/start.js'

export const start: readonly Measurement[] = [
  {
    title: 'Import of the package',
    how: '`await import()` in a new process.',
    measure: importing,
  },
  {
    title: 'Start with a build',
    how: '`connectVite()` in a new process, whose code is not compiled yet.',
    measure: creating,
  },
]

async function importing({ launcher, pace, dist }: Bench): Promise<Findings> {
  const ask = (list: boolean) =>
    once<Imported>(launcher, 'tasks/import.js', { dist, list } satisfies ImportJob, 'imported')
  const rounds: Imported[] = []
  for (let round = 0; round < pace.rounds; round++) rounds.push(await ask(false))
  const cpu = rounds.map((imported) => imported.cpu)
  const { loaded } = await ask(true)
  const packages = [...new Set(loaded.flatMap((url) => packageOf(url) ?? []))].sort()
  const vites = loaded.filter((url) =>
    /\/node_modules\/(?:vite|rolldown|rollup|esbuild)\//.test(url),
  )
  return {
    columns: ['CPU ms', 'ms', 'modules', 'of other packages'],
    rows: [
      [
        figure(cpu, 1),
        figure(
          rounds.map(({ elapsed }) => elapsed),
          1,
        ),
        String(loaded.length),
        packages.join(', '),
      ],
    ],
    verdicts: [
      atMost({
        work: 'import',
        value: median(cpu),
        limit: 30,
        of: 'ms of processor time',
        digits: 1,
      }),
      atMost({ work: 'import', value: vites.length, limit: 0, of: 'modules of Vite', digits: 0 }),
    ],
  }
}

/** The package that a module belongs to, unless it is ours or Node's. */
function packageOf(url: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//.exec(url)?.[1]
}

interface Size {
  readonly label: string
  readonly chunks: number
  /** Files beside those of the chunks. */
  readonly assets: number
}

const SIZES: readonly Size[] = [
  { label: 'an empty manifest', chunks: 0, assets: 0 },
  { label: '10 chunks', chunks: 10, assets: 0 },
  { label: '1,000 chunks', chunks: 1000, assets: 0 },
  { label: '10,000 chunks', chunks: 10_000, assets: 0 },
]
const HUGE: Size = { label: '10,000 chunks, 100,000 files', chunks: 10_000, assets: 90_000 }

async function creating({ launcher, pace, dist, fixture }: Bench): Promise<Findings> {
  const sizes = pace.essentialsOnly ? SIZES : [...SIZES, HUGE]
  const contestants = new Map<string, () => Promise<Started>>()
  for (const size of sizes) {
    const { outDir } = fixture(`build ${size.label}`, (directory) => writeBuild(directory, size))
    const job: StartJob = { dist, outDir }
    contestants.set(size.label, () => once(launcher, 'tasks/start.js', job, 'start'))
  }
  const samples = await alternate(contestants, Math.ceil(pace.rounds / 2))
  const of = (label: string) => samples.get(label) ?? []
  const cpu = (label: string) => median(of(label).map((sample) => sample.cpu))
  const [empty, , thousand, tenThousand] = SIZES.map(({ label }) => cpu(label))
  const more = (tenThousand ?? 0) - (empty ?? 0)
  const perThousand = (thousand ?? 0) - (empty ?? 0)
  return {
    columns: ['build', 'files', 'CPU ms', 'ms'],
    rows: sizes.map(({ label }) => [
      label,
      fixed(of(label)[0]?.files ?? 0, 0),
      figure(
        of(label).map((sample) => sample.cpu),
        1,
      ),
      figure(
        of(label).map(({ elapsed }) => elapsed),
        1,
      ),
    ]),
    verdicts: [
      atMost({
        work: 'start with 10,000 chunks and files',
        value: more,
        limit: 300,
        of: 'ms more than with none',
        digits: 0,
      }),
      atMost({
        work: 'start is linear: 10,000 chunks',
        value: more / perThousand,
        limit: 11,
        of: '× as much more as 1,000',
        digits: 1,
      }),
    ],
  }
}

/** Starts a process, asks it one question, and ends it. */
async function once<Answer>(
  launcher: Launcher,
  script: string,
  job: unknown,
  question: string,
): Promise<Answer> {
  const worker = launcher.start(script, job)
  try {
    return await worker.ask<Answer>(question)
  } finally {
    await worker.close()
  }
}
