// `npm run bench`: measures everything that the package promises, and writes RESULTS.md beside this file and the table of docs/reference/performance.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Measurement, Pace } from './bench.js'
import { compileScripts } from './compile.js'
import { createLauncher, findCores, stayOn } from './process.js'
import { writeReadme } from './readme.js'
import { report, verdictLine } from './report.js'
import type { Result } from './result.js'
import { development } from './rows/development.js'
import { files } from './rows/files.js'
import { largeApp } from './rows/large-app.js'
import { memory } from './rows/memory.js'
import { passing } from './rows/passing.js'
import { ssr } from './rows/ssr.js'
import { start } from './rows/start.js'
import { tags } from './rows/tags.js'

const groups: Record<string, readonly Measurement[]> = {
  files,
  passing,
  tags,
  start,
  memory,
  development,
  'large app': largeApp,
  ssr,
}

const USAGE = `npm run bench -- [flags]
  --quick         a few minutes: short rounds, only what the targets speak of
  --only <words>  some of ${Object.keys(groups).join(', ')}, or words of titles: --only 'start,10 kB'
  --dist <dir>    another build of the package than dist/, which is then not built anew
`

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    dist: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const pace: Pace = flags.quick
  ? { processes: 1, rounds: 5, seconds: 0.1, essentialsOnly: true }
  : { processes: 2, rounds: 12, seconds: 0.1, essentialsOnly: false }

if (flags.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  const top = resolve(import.meta.dirname, '..')
  const dist = resolve(flags.dist ?? join(top, 'dist'))
  if (!flags.dist) execFileSync('npm', ['run', 'build', '--silent'], { cwd: top, stdio: 'inherit' })
  const cores = findCores()
  if (cores) stayOn(cores)
  const scratch = await mkdtemp(join(tmpdir(), 'connect-vite-bench-'))
  const bench: Bench = {
    pace,
    launcher: createLauncher(await compileScripts(), cores),
    dist,
    fixture: createFixtures(scratch),
  }
  const began = performance.now()
  const results: Result[] = []
  try {
    for (const { title, how, measure } of chosen()) {
      process.stdout.write(`\n${title}\n`)
      const result = { title, how, ...(await measure(bench)) }
      results.push(result)
      print(result)
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const minutes = (performance.now() - began) / 60_000
  const text = report(results, { cores, flags: process.argv.slice(2).join(' '), minutes })
  if (!flags.only) await writeFile(join(import.meta.dirname, 'RESULTS.md'), text)
  if (!flags.only && !flags.quick) await writeReadme(results)
  process.stdout.write(`\n${minutes.toFixed(1)} minutes\n`)
}

function chosen(): Measurement[] {
  const words = flags.only.split(',').map((word) => word.trim().toLowerCase())
  const isWanted = (group: string, { title, essential = true }: Measurement) =>
    flags.only === ''
      ? essential || !pace.essentialsOnly
      : words.some((word) => word === group || title.toLowerCase().includes(word))
  return Object.entries(groups).flatMap(([group, measurements]) =>
    measurements.filter((measurement) => isWanted(group, measurement)),
  )
}

function createFixtures(scratch: string): Bench['fixture'] {
  const written = new Map<string, unknown>()
  return function fixture<Fixture>(name: string, write: (directory: string) => Fixture): Fixture {
    if (!written.has(name)) {
      const directory = join(scratch, name)
      mkdirSync(directory)
      written.set(name, write(directory))
    }
    return written.get(name) as Fixture
  }
}

function print({ rows, verdicts }: Result): void {
  for (const cells of [...rows, ...verdicts.map(verdictLine)]) {
    process.stdout.write(`  ${cells.join('  ')}\n`)
  }
}
