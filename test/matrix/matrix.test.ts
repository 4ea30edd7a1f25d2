// The matrix on this Node: every Vite on every framework in both modes. `npm run test:matrix` adds the other Nodes.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import type { TemporaryRoot } from '../dev/support/root.js'
import { cellsOf, columnName, columns } from './cells.js'
import { play } from './scenario.js'
import { createSite } from './site.js'

const subject = { connectVite, backend }

describe.each(columns.map((column) => [columnName(column), column] as const))('%s', (_, column) => {
  let site: TemporaryRoot
  beforeAll(async () => {
    site = await createSite(subject, column.alias)
  })
  afterAll(() => site.remove())

  it.each(cellsOf(column).map((cell) => [cell.framework.name, cell.mode, cell] as const))(
    'works on %s in %s',
    (_name, _mode, cell) => play(subject, cell, site),
  )
})
