// `npm run bench`: measures everything that the package promises, and writes RESULTS.md beside this file.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Measurement, Pace } from './bench.js'
import { createLauncher, findCores, stayOn } from './process.js'
import { report, verdictLine } from './report.js'
import type { Result } from './result.js'
import { dev } from './rows/development.js'
import { files } from './rows/files.js'
import { memory } from './rows/memory.js'
import { ssr } from './rows/ssr.js'
import { start } from './rows/start.js'
import { tags } from './rows/tags.js'

const measurements: Record<string, Measurement> = { files, tags, start, memory, dev, ssr }

const USAGE = `npm run bench -- [flags]
  --quick         under a minute: short rounds, only what the targets speak of
  --full          also what takes minutes to prepare
  --only <names>  some of ${Object.keys(measurements).join(', ')}
  --dist <dir>    another build of the package than dist/, which is then not built anew
`

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    dist: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const pace: Pace = flags.quick
  ? { rounds: 3, seconds: 0.15, warmUp: 0.2, essentialsOnly: true, full: false }
  : { rounds: 7, seconds: 0.3, warmUp: 0.3, essentialsOnly: false, full: flags.full }

if (flags.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  const top = resolve(import.meta.dirname, '..')
  const dist = resolve(flags.dist ?? join(top, 'dist'))
  if (!flags.dist) execFileSync('npm', ['run', 'build', '--silent'], { cwd: top, stdio: 'inherit' })
  const cores = findCores()
  if (cores) stayOn(cores)
  const launcher = createLauncher(cores)
  const scratch = await mkdtemp(join(tmpdir(), 'connect-vite-bench-'))
  const start = performance.now()
  const results: Result[] = []
  try {
    for (const [name, measure] of Object.entries(measurements)) {
      if (flags.only && !flags.only.split(',').includes(name)) continue
      process.stdout.write(`${name}\n`)
      for (const result of await measure({ pace, launcher, dist, scratch })) {
        results.push(result)
        print(result)
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const minutes = (performance.now() - start) / 60_000
  const text = report(results, { cores, flags: process.argv.slice(2).join(' '), minutes })
  if (!flags.only) await writeFile(join(import.meta.dirname, 'RESULTS.md'), text)
  process.stdout.write(`${minutes.toFixed(1)} minutes\n`)
}

function print({ title, rows, verdicts }: Result): void {
  const lines = [...rows, ...verdicts.map(verdictLine)].map((cells) => `  ${cells.join('  ')}\n`)
  process.stdout.write(`\n${title}\n${lines.join('')}`)
}
