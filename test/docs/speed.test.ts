// The figures of docs/reference/performance.md are those of the run that bench/RESULTS.md tells of.
import { describe, expect, it } from 'vitest'
import { read } from './support/pages.js'

type Table = Record<string, string>[]

/** The rows of the first table after a heading or a mark, by column; of two columns of one name the first. */
function tableAfter(text: string, mark: string): Table {
  const from = text.indexOf(mark)
  expect(from, mark).toBeGreaterThan(-1)
  const [, table = ''] = /\n\n?(\|.*?)(?:\n\n|\n<!--|$)/s.exec(text.slice(from)) ?? []
  const [columns = [], , ...rows] = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return rows.map((cells) =>
    Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']).reverse()),
  )
}

const results = read('bench/RESULTS.md')
const page = read('docs/reference/performance.md')
const numberIn = (cell = '') => Number(cell.replaceAll(',', '').split(' ')[0])

describe('the table of speed', () => {
  const speed = tableAfter(page, '<!-- bench -->')

  it('has the servers of the benchmark, this package first', () => {
    expect(speed.length).toBeGreaterThan(8)
    expect(speed[0]!['']).toBe('connect-vite, bare http')
  })

  it.each([
    ['10 kB', '## A hashed file of 10 kB'],
    ['300 kB', '## A file of 300 kB'],
    ['brotli', '## Brotli, negotiated'],
    ['304', '## 304 Not Modified'],
  ])('has the ratios of the run: %s', (column, heading) => {
    const measured = tableAfter(results, heading)
    expect(measured[0]!.ratio).toBe('1.00')
    for (const row of speed) {
      const ratio = measured.find(({ server }) => server === row[''])?.ratio ?? ''
      expect(row[column], row['']).toBe(ratio)
    }
  })
})

it('what the page says of tags and of other requests was measured', () => {
  const tags = tableAfter(results, '## Tags of an entry, warm')
  const ours = tags.filter(({ call }) => !call!.startsWith('@'))
  expect(ours.length).toBeGreaterThan(3)
  for (const row of ours) expect(numberIn(row['10,000 chunks']), row.call).toBeGreaterThan(2e6)
  const passing = tableAfter(results, '## What the middleware adds')
  expect(passing).toHaveLength(3)
  for (const row of passing) expect(numberIn(row.added), row.framework).toBeLessThan(1)
})
