// `npm run test:matrix`: the matrix on every Node, its result beside this file, and its table in docs/reference/compatibility.md.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodes } from './cells.js'
import { pageFile, type Result, resultFile, serialize, tableOf, withTable } from './result.js'

/** The npm package `node` holds the binaries of that major; npx fetches it once. */
function runOn(node: string, file: string): Result {
  const script = join(import.meta.dirname, 'run.ts')
  const { status } = spawnSync(
    'npx',
    ['-y', '-p', `node@${node}`, '--', 'node', '--import', 'tsx', script, file],
    { stdio: 'inherit' },
  )
  if (status !== 0) throw new Error(`The matrix did not end on Node ${node}`)
  return JSON.parse(readFileSync(file, 'utf8')) as Result
}

const directory = mkdtempSync(join(tmpdir(), 'connect-vite-matrix-'))
const result: Result = {}
for (const node of nodes) Object.assign(result, runOn(node, join(directory, `${node}.json`)))
rmSync(directory, { recursive: true })

const table = tableOf(result)
console.log(table)
writeFileSync(resultFile, serialize(result))
writeFileSync(pageFile, withTable(readFileSync(pageFile, 'utf8'), table))
if (table.includes('| not ')) process.exitCode = 1
