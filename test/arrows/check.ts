// `npm run check`: prints each import of `src` that points the wrong way, and fails when there is one.
import { join } from 'node:path'
import { type Exception, wrongArrows } from './arrows.js'
import { readImports } from './imports.js'

/** Imports that are about to go. An entry that nothing needs any more is a fault as well. */
const exceptions: Exception[] = []

const wrong = wrongArrows(readImports(join(import.meta.dirname, '../../src')), exceptions)
for (const line of wrong) process.stderr.write(`${line}\n`)
if (wrong.length > 0) {
  process.stderr.write(
    `\n${wrong.length} imports point the wrong way. The map is in CONTRIBUTING.md.\n`,
  )
  process.exitCode = 1
}
