// The matrix on the Node that runs this, against the built package. Usage: node --import tsx run.ts <result file>
import { writeFileSync } from 'node:fs'
import { cellsOf, columnName, columns, frameworkName } from './cells.js'
import type { Finding, Result } from './result.js'
import { play } from './scenario.js'
import { createSite, type Subject } from './site.js'

const dist = new URL('../../dist/', import.meta.url)
const subject: Subject = {
  ...(await import(`${dist}index.js`)),
  ...(await import(`${dist}plugin/index.js`)),
}

/** Nothing takes a tenth of this; without it, what never comes would be waited for for ever. */
const patience = 60_000

/** "ok", or the first line of what went wrong. */
async function outcome(work: Promise<void>): Promise<string> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`not done after ${patience} ms`)), patience).unref()
  })
  return Promise.race([work, late]).then(
    () => 'ok',
    (error: unknown) => String(error).split('\n')[0] as string,
  )
}

const node = `Node ${process.versions.node}`
const result: Result = { [node]: {} }
for (const column of columns) {
  const byFramework: Record<string, Finding> = {}
  ;(result[node] as Result[string])[columnName(column)] = byFramework
  const site = await createSite(subject, column.alias)
  for (const cell of cellsOf(column)) {
    const name = frameworkName(cell.framework)
    byFramework[name] = {
      ...(byFramework[name] as Finding),
      [cell.mode]: await outcome(play(subject, cell, site)),
    }
  }
  await site.remove()
}
writeFileSync(process.argv[2] as string, JSON.stringify(result))
// What a cell that failed has left open must not keep the others waiting.
process.exit()
