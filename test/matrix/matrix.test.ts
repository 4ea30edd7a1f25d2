// The matrix on this Node: every Vite on every framework in both modes. `npm run test:matrix` adds the other Nodes.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import type { TemporaryRoot } from '../dev/support/root.js'
import { cellsOf, viteName, vites } from './cells.js'
import { play } from './scenario.js'
import { createSite } from './site.js'

const subject = { connectVite, backend }

describe.each(vites.map((vite) => [viteName(vite), vite] as const))('%s', (_, vite) => {
  let site: TemporaryRoot
  beforeAll(async () => {
    site = await createSite(subject, vite)
  })
  afterAll(() => site.remove())

  it.each(cellsOf(vite).map((cell) => [cell.framework.name, cell.mode, cell] as const))(
    'works on %s in %s',
    (_name, _mode, cell) => play(subject, cell, site),
  )
})
