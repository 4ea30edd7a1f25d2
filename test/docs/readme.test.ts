// The README says what the code does: options, defaults, error codes, dependencies, and code that runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/errors.js'
import { optionChecks } from '../../src/options/checks.js'
import { defaults } from '../../src/options/defaults.js'

const repository = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(repository, file), 'utf8')
const readme = read('README.md')

/** Cells of the rows of a section's table, by the first cell's code. */
function table(heading: string): Map<string, string[]> {
  const section = readme.split(`\n${heading}\n`)[1]?.split('\n#')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return new Map(
    rows.map((row) => {
      const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim())
      return [cells[1]?.replaceAll('`', '') as string, cells.slice(2)]
    }),
  )
}

describe('the table of options', () => {
  const rows = table('## Options')

  it('has every option and no other, in the order of the type', () => {
    expect([...rows.keys()]).toEqual(Object.keys(optionChecks))
  })

  const plain = Object.entries(defaults).filter(([key]) => key !== 'devServer' && key !== 'outDir')
  it.each(plain)('names the default of %s', (key, value) => {
    const written = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
    expect(rows.get(key)?.[1]).toBe(`\`${written}\``)
  })

  it('has every member of devServer with its default', () => {
    const members = table('### The development server')
    for (const [key, value] of Object.entries(defaults.devServer)) {
      expect(members.get(key)?.[1], key).toBe(`\`${JSON.stringify(value)}\``)
    }
  })
})

describe('errors', () => {
  it('have one heading per code', () => {
    const codes = Object.keys(errorCodes)
    const headings = [...readme.matchAll(/^### (ERR_\w+)$/gm)].map((match) => match[1])
    expect(headings.sort()).toEqual(codes.sort())
    expect(codes.length).toBeGreaterThan(10)
  })
})

describe('dependencies', () => {
  it('have one line each', () => {
    const { dependencies } = JSON.parse(read('package.json'))
    const section = readme.split('\n## Dependencies\n')[1] as string
    const named = [...section.matchAll(/^\| \[`([^`]+)`\]/gm)].map((match) => match[1])
    expect(named.sort()).toEqual(Object.keys(dependencies).sort())
  })
})
