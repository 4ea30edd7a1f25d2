// `npm run check`: prints each sentence of the pages that breaks the prose rules, and fails when there is one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, lintProse } from './lint.js'
import { covered } from './pages.js'

const repository = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(repository, file), 'utf8')

const faults: Fault[] = covered().flatMap((file) => lintProse(file, read(file)))
for (const { where, message } of faults) process.stderr.write(`${where} ${message}\n`)
if (faults.length > 0) {
  process.stderr.write(`\n${faults.length} faults of prose. The rules are in CONTRIBUTING.md.\n`)
  process.exitCode = 1
}
