// Resident memory when the build is many times larger than what may be kept.
import type { Bench, Measurement } from '../bench.js'
import { writeBuild } from '../fixtures/build.js'
import { probe } from '../load.js'
import type { Launcher } from '../process.js'
import { atMost, type Findings, fixed } from '../result.js'
import type { Usage } from '../worker.js'

const FILES = 2000
const BYTES = 200_000
const CACHE = 32 * 2 ** 20

interface Seen {
  /** MiB. */
  readonly before: number
  readonly after: number
  readonly most: number
}

export const memory: readonly Measurement[] = [
  {
    title: 'Resident memory',
    how: `${fixed(FILES, 0)} files of ${BYTES / 1000} kB, each fetched twice, with \`cacheSize\` of ${CACHE / 2 ** 20} MiB. In MiB; the empty process is a bare server before its first request.`,
    measure,
  },
]

async function measure({ launcher, dist, fixture }: Bench): Promise<Findings> {
  const { outDir, files } = fixture('memory', (directory) =>
    writeBuild(directory, { chunks: FILES, bytesPerFile: BYTES }),
  )
  const job = { dist, outDir, file: files[0], options: { cacheSize: CACHE } }
  const empty = await fetchTwice(launcher, 'bare/end', job, files)
  const ours = await fetchTwice(launcher, 'connect-vite/bare', job, files)
  const rows: Array<[string, Seen]> = [
    ['a bare server', empty],
    ['connect-vite, bare http', ours],
  ]
  const more = (work: string, value: number) =>
    atMost({ work, value, limit: 120, of: 'MiB more than the empty process', digits: 0 })
  return {
    columns: ['server', 'before', 'after', 'most', 'after − empty'],
    rows: rows.map(([label, { before, after, most }]) => [
      label,
      ...[before, after, most, after - empty.before].map((value) => fixed(value, 0)),
    ]),
    verdicts: [
      more('memory after 400 MB were served twice', ours.after - empty.before),
      more('memory at its most meanwhile', ours.most - empty.before),
    ],
  }
}

async function fetchTwice(
  launcher: Launcher,
  server: string,
  job: object,
  files: readonly string[],
): Promise<Seen> {
  const worker = launcher.start('serve.js', { server, job })
  try {
    const port = await worker.ask<number>('port')
    const before = await resident()
    let most = before
    for (const [index, file] of [...files, ...files].entries()) {
      const { status } = await probe(port, { path: `/${file}` })
      if (status !== 200) throw new Error(`${server} answers ${status} to ${file}`)
      if (index % 50 === 0) most = Math.max(most, await resident())
    }
    const after = await resident()
    return { before, after, most: Math.max(most, after) }
  } finally {
    await worker.close()
  }

  async function resident(): Promise<number> {
    return (await worker.ask<Usage>('usage')).resident / 2 ** 20
  }
}
