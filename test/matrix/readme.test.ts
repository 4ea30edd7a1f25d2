// The table of docs/reference/compatibility.md is what the matrix found, and what it found is everything and good.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { columnName, columns, frameworkName, modes, nodes, rows } from './cells.js'
import { pageFile, readResult, serialize, tableIn, tableOf, withTable } from './result.js'

const result = readResult()
const major = (name: string) => name.replace(/(\d+)[.\d]+$/, '$1')

describe('the table of versions', () => {
  it('is made from the result: npm run test:matrix writes both', () => {
    expect(tableIn(readFileSync(pageFile, 'utf8'))).toBe(tableOf(result))
  })

  it('has the majors that are installed here, on every Node', () => {
    expect(Object.keys(result)).toEqual(
      nodes.map((node) => expect.stringMatching(`^Node ${node}(\\.|$)`)),
    )
    for (const byVite of Object.values(result)) {
      expect(Object.keys(byVite).map(major)).toEqual(columns.map(columnName).map(major))
      for (const byFramework of Object.values(byVite)) {
        expect(Object.keys(byFramework).map(major)).toEqual(rows.map(frameworkName).map(major))
        for (const finding of Object.values(byFramework)) {
          expect(finding).toEqual(Object.fromEntries(modes.map((mode) => [mode, 'ok'])))
        }
      }
    }
  })

  it('says where something failed', () => {
    const ok = { development: 'ok', production: 'ok' }
    const found = tableOf({
      'Node 1.0.0': { 'Vite 5': { Express: ok, Connect: ok } },
      'Node 2.0.0': { 'Vite 5': { Express: { ...ok, development: 'AssertionError' } } },
    })
    expect(found.split('\n')).toEqual([
      '| Node 1.0.0 and 2.0.0 | Vite 5 |',
      '| --- | :-: |',
      '| Express | not development on Node 2.0.0 |',
      '| Connect | not development on Node 2.0.0, production on Node 2.0.0 |',
    ])
    expect(withTable('a\n<!-- matrix -->\nold\n<!-- /matrix -->\nb', '$&')).toBe(
      'a\n<!-- matrix -->\n$&\n<!-- /matrix -->\nb',
    )
  })

  it('is kept with one line a cell', () => {
    expect(
      serialize({ Node: { Vite: { Express: { development: 'ok', production: 'ok' } } } }),
    ).toBe(
      '{\n  "Node": {\n    "Vite": {\n      "Express": { "development": "ok", "production": "ok" }\n    }\n  }\n}\n',
    )
  })
})
