// bench/RESULTS.md: targets first, then a table for each measurement.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { dirname, join } from 'node:path'
import type { Cores } from './process.js'
import type { Result, Verdict } from './result.js'

/** What a figure depends on. */
export interface Circumstances {
  readonly cores: Cores | undefined
  /** As it was given on the command line. */
  readonly flags: string
  readonly minutes: number
}

export function report(results: readonly Result[], circumstances: Circumstances): string {
  const verdicts = results.flatMap((result) => result.verdicts)
  return [
    '# Benchmark results',
    'Written by `npm run bench`. Everything in a table was measured in one run, in alternating rounds, each server in a process of its own. Figures are medians of the rounds, with half the distance between their quartiles; ratios are ratios of medians. Compare ratios: absolute figures are those of one machine.',
    describe(circumstances),
    '## Targets',
    table(['work', 'target', 'measured', ''], verdicts.map(verdictLine)),
    ...results.flatMap(({ title, how, columns, rows }) => [
      `## ${title}`,
      how,
      table(columns, rows),
    ]),
    '',
  ].join('\n\n')
}

export function verdictLine({ work, target, measured, met }: Verdict): string[] {
  return [work, target, measured, met ? 'met' : '**not met**']
}

function describe({ cores, flags, minutes }: Circumstances): string {
  const [cpu] = os.cpus()
  const pinned = cores
    ? `servers on core ${cores.measured}, load on core ${cores.load}`
    : 'not pinned'
  return [
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${flags || 'no flags'}, ${minutes.toFixed(1)} minutes`,
    `- ${os.cpus().length} × ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}; ${pinned}; load average at the end ${os.loadavg()[0]?.toFixed(1)}`,
    `- Node ${process.versions.node}, ${PACKAGES.map((name) => `${name} ${version(name)}`).join(', ')}`,
  ].join('\n')
}

const PACKAGES = [
  'vite',
  'connect',
  'express',
  'express4',
  'sirv',
  'fastify',
  '@fastify/static',
  'vite-express',
]

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', '../src') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes in src' : '')
  } catch {
    return 'unknown'
  }
}

function version(name: string): string {
  // Not every package exports its package.json: looked for beside the entry, upwards.
  const { resolve } = createRequire(import.meta.url)
  for (let dir = dirname(resolve(name)); dir !== dirname(dir); dir = dirname(dir)) {
    try {
      const { version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
      if (version) return version
    } catch {
      // further up
    }
  }
  return 'unknown'
}

export function table(columns: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
