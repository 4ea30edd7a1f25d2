// `connect-vite info`: what was found, what each entry loads, and whether that is within a budget.
import { writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { loadBuild } from '../build/load-build.js'
import { ConnectViteError } from '../errors.js'
import { resolveSettings } from '../options/resolve.js'
import type { ProductionSettings } from '../options/types.js'
import { htmlOf } from './info-html.js'
import { formatSize, type Output, parseSize } from './output.js'
import { type BuildReport, type EntryReport, reportOn } from './report.js'
import { lookAround, type Surroundings } from './surroundings.js'

export interface InfoOptions {
  json?: boolean | undefined
  /** Path of the file to write. */
  html?: string | undefined
  /** Such as `200kB`. */
  budget?: string | undefined
}

/** @returns the exit code: 1 where a budget is exceeded or there is no build to judge, else 0 */
export async function runInfo(
  directory: string,
  { json, html, budget }: InfoOptions,
  out: Output,
): Promise<number> {
  const limit = budget === undefined ? Number.POSITIVE_INFINITY : parseSize(budget)
  const surroundings = lookAround(resolve(directory))
  const found = await findBuild(surroundings.root)
  const build = 'entries' in found ? found : undefined
  const over = build?.entries.filter(({ firstLoad }) => firstLoad.brotli > limit) ?? []

  if (json) {
    const problem = 'code' in found ? { code: found.code, message: found.message } : undefined
    out.line(
      JSON.stringify({ ...surroundings, build, problem, overBudget: over.map(nameOf) }, null, 2),
    )
  } else {
    printSurroundings(surroundings, out)
    if (build) printBuild(build, surroundings.root, over, out)
    else out.line(`\n${(found as ConnectViteError).message}`)
    if (build && budget !== undefined) printBudget(over, limit, out)
  }
  if (html !== undefined && build) {
    writeFileSync(html, htmlOf(build, surroundings))
    if (!json) out.line(`\nThe report is in ${html}`)
  }
  const judged = html !== undefined || budget !== undefined
  return over.length > 0 || (judged && !build) ? 1 : 0
}

/** A build that is missing or broken is part of the answer. */
async function findBuild(root: string): Promise<BuildReport | ConnectViteError> {
  try {
    const settings = resolveSettings({ mode: 'production', root }) as ProductionSettings
    return await reportOn(loadBuild(settings), settings.cssOrder)
  } catch (error) {
    if (error instanceof ConnectViteError) return error
    throw error
  }
}

const nameOf = ({ entry }: EntryReport) => entry

function printSurroundings(found: Surroundings, out: Output): void {
  const { root, node, vite, config, mode, devServer } = found
  const rows: [string, string][] = [
    ['root', root],
    ['mode', `${mode.name} (${mode.reason})`],
    ['Node', node],
    ['Vite', vite ?? 'not installed here; development needs it (npm install -D vite)'],
    ['config', config ?? 'no vite.config file'],
    ['dev server', devServer ? `${devServer.url} (from ${devServer.file})` : 'inside the app'],
  ]
  for (const [name, value] of rows) out.line(`${out.dim(name.padEnd(11))}${value}`)
}

function printBuild(build: BuildReport, root: string, over: EntryReport[], out: Output): void {
  const by = build.recorded ? 'connect-vite/plugin' : 'Vite, without connect-vite/plugin'
  out.line(
    `${out.dim('build'.padEnd(11))}${relative(root, build.outDir) || '.'}, base ${build.base}, made by ${by}, ${ageOf(build.age)} ago`,
  )
  out.line(`${out.dim('files'.padEnd(11))}${build.total.files}, ${formatSize(build.total.bytes)}`)
  if (build.deltas) {
    const { files, bytes, saved } = build.deltas
    const what =
      files === 0
        ? 'none to the build before'
        : `${files} to the build before, ${formatSize(bytes)}: ${formatSize(saved)} less than brotli for a returning visitor`
    out.line(`${out.dim('deltas'.padEnd(11))}${what}`)
  }
  for (const entry of build.entries) printEntry(entry, over.includes(entry), out)
  if (build.shared.length > 0) {
    out.line(`\n${out.bold('Shared by several entries')}`)
    for (const { file, bytes, brotli, entries } of build.shared) {
      out.line(`  ${row(file, bytes, brotli)}  ${out.dim(entries.join(', '))}`)
    }
  }
}

function printEntry(
  { entry, found, files, firstLoad, later }: EntryReport,
  over: boolean,
  out: Output,
): void {
  const size = `${formatSize(firstLoad.brotli)} brotli`
  out.line(
    `\n${out.bold(entry)}  ${over ? out.bad(size) : out.good(size)}, ${formatSize(firstLoad.bytes)} raw`,
  )
  if (found) out.line(out.dim(`  found in ${found.join(', ')}`))
  for (const { kind, file, bytes, brotli } of files) {
    out.line(`  ${kind.padEnd(8)}${row(file, bytes, brotli)}`)
  }
  for (const { file, bytes, brotli } of later) {
    out.line(out.dim(`  later   ${row(file, bytes, brotli)}`))
  }
}

function printBudget(over: EntryReport[], limit: number, out: Output): void {
  if (over.length === 0)
    out.line(`\n${out.good(`Every entry first loads at most ${formatSize(limit)}.`)}`)
  for (const { entry, firstLoad } of over) {
    const excess = formatSize(firstLoad.brotli - limit)
    out.line(
      `\n${out.bad(`${entry} first loads ${formatSize(firstLoad.brotli)}, ${excess} more than the budget of ${formatSize(limit)}.`)}`,
    )
  }
}

function row(file: string, bytes: number, brotli: number): string {
  return `${file.padEnd(44)} ${formatSize(bytes).padStart(9)} ${formatSize(brotli).padStart(9)}`
}

/** The largest unit that fits: `3 hours`. */
export function ageOf(seconds: number): string {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ]
  const [name, length] = units.find(([, length]) => seconds >= length) ?? ['second', 1]
  const count = Math.floor(seconds / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
