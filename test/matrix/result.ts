// What the matrix found, as it is kept beside this file, and the table of docs/reference/compatibility.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { modes } from './cells.js'
import type { Mode } from './scenario.js'

/** By mode: "ok", or the first line of what was thrown. */
export type Finding = Record<Mode, string>

/** By Node, Vite and framework, each with its version. */
export type Result = Record<string, Record<string, Record<string, Finding>>>

export const resultFile = join(import.meta.dirname, 'result.json')
export const pageFile = join(import.meta.dirname, '../../docs/reference/compatibility.md')

export const readResult = () => JSON.parse(readFileSync(resultFile, 'utf8')) as Result

/** One line a cell, so that a change can be seen in a diff. */
export function serialize(result: Result): string {
  const text = JSON.stringify(result, null, 2)
  return `${text.replaceAll(/\{\s+("development": ".*"),\s+("production": ".*")\s+\}/g, '{ $1, $2 }')}\n`
}

const keysOf = <T>(...records: Record<string, T>[]) => [...new Set(records.flatMap(Object.keys))]

/** Frameworks down, Vites across; a cell holds for all Nodes, or says where it does not. */
export function tableOf(result: Result): string {
  const nodes = keysOf(result)
  const vites = keysOf(...Object.values(result))
  const frameworks = keysOf(...Object.values(result).flatMap((of) => Object.values(of)))
  const cell = (vite: string, framework: string) => {
    const failed = nodes.flatMap((node) =>
      modes
        .filter((mode) => result[node]?.[vite]?.[framework]?.[mode] !== 'ok')
        .map((mode) => `${mode} on ${node}`),
    )
    return failed.length === 0 ? '✓' : `not ${failed.join(', ')}`
  }
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    row([listed(nodes), ...vites]),
    row(['---', ...vites.map(() => ':-:')]),
    ...frameworks.map((framework) =>
      row([framework, ...vites.map((vite) => cell(vite, framework))]),
    ),
  ].join('\n')
}

/** "Node 20.20.2, 22.23.3 and 24.21.0" */
const listed = (names: string[]) =>
  names
    .join(', ')
    .replaceAll(', Node ', ', ')
    .replace(/, ([^,]*)$/, ' and $1')

const place = /(?<=<!-- matrix -->\n).*?(?=\n<!-- \/matrix -->)/s

export const tableIn = (readme: string) => readme.match(place)?.[0]
export const withTable = (readme: string, table: string) => readme.replace(place, () => table)
