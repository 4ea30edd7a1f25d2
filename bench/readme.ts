// The table of docs/reference/performance.md, made from a run: ratios alone, because figures are those of one machine.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { table } from './report.js'
import type { Result } from './result.js'

/** The measurements, by their titles, and what the page calls them. */
const COLUMNS: Readonly<Record<string, string>> = {
  'A hashed file of 10 kB': '10 kB',
  'A file of 300 kB': '300 kB',
  'Brotli, negotiated': 'brotli',
  '304 Not Modified': '304',
}

const PLACE = /(?<=<!-- bench -->\n).*?(?=\n<!-- \/bench -->)/s

/** One row for each server that sends files. In each column 1.00 is the first server of that measurement. */
export function speedTable(results: readonly Result[]): string {
  const measured = Object.keys(COLUMNS).map((title) => {
    const result = results.find((one) => one.title === title)
    const column = result?.columns.indexOf('ratio') ?? -1
    return new Map(result?.rows.slice(1).map((row) => [row[0] ?? '', row[column] ?? '']))
  })
  const servers = [...(measured[0]?.keys() ?? [])].filter((server) => !server.startsWith(YARDSTICK))
  return table(
    ['', ...Object.values(COLUMNS)],
    servers.map((server) => [server, ...measured.map((ratios) => ratios.get(server) ?? '')]),
  )
}

/** So do other yardsticks begin, which are no servers of files. */
const YARDSTICK = 'the same with headers'

export async function writeReadme(results: readonly Result[]): Promise<void> {
  const file = join(import.meta.dirname, '../docs/reference/performance.md')
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replace(PLACE, () => speedTable(results)),
  )
}
