// The reference says what the code does: options, defaults, error codes, dependencies, and code that runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Option } from '../../src/check.js'
import { errorCodes } from '../../src/errors.js'
import { devServerTable, optionTable } from '../../src/options/table.js'

const repository = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(repository, file), 'utf8')
const reference = (name: string) => read(`docs/reference/${name}.md`)

/** A value as the reference writes it. */
const written = (value: unknown) =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value)

/** Cells of the rows of a section's table, by the first cell's code. */
function table(heading: string, page = reference('options')): Map<string, string[]> {
  const section = page.split(`\n${heading}\n`)[1]?.split('\n#')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return new Map(
    rows.map((row) => {
      const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim())
      return [cells[1]?.replaceAll('`', '') as string, cells.slice(2)]
    }),
  )
}

describe('the table of options', () => {
  const rows = table('## All options')

  it('has every option and no other, in the order of the type', () => {
    expect([...rows.keys()]).toEqual(Object.keys(optionTable))
  })

  const options = Object.entries<Option>(optionTable)
  const withDefault = options.filter(([, option]) => 'default' in option)
  it.each(withDefault)('names the default of %s', (name, option) => {
    expect(rows.get(name)?.[1]).toContain(`\`${written(option.default)}\``)
  })

  it.each(options)('names the mode that heeds %s', (name, { modes = ['all'] }) => {
    expect(rows.get(name)?.[2]).toBe(modes.join(', '))
  })

  it.each(options.filter(([, { check }]) => check.unit))('names the unit of %s', (name, option) => {
    expect(rows.get(name)?.[0]).toContain(`(${option.check.unit})`)
  })

  it('has every member of devServer with its default', () => {
    const members = table('## The development server')
    expect([...members.keys()]).toEqual(Object.keys(devServerTable))
    for (const [name, member] of Object.entries<Option>(devServerTable)) {
      const usual = 'default' in member ? `\`${written(member.default)}\`` : 'none'
      expect(members.get(name)?.[1], name).toBe(usual)
    }
  })
})

describe('errors', () => {
  it('have one heading per code', () => {
    const codes = Object.keys(errorCodes)
    const headings = [...reference('errors').matchAll(/^## (ERR_\w+)$/gm)].map((match) => match[1])
    expect(headings.sort()).toEqual(codes.sort())
    expect(codes.length).toBeGreaterThan(10)
  })
})

describe('dependencies', () => {
  it('have one line each', () => {
    const { dependencies } = JSON.parse(read('package.json'))
    const section = reference('compatibility').split('\n## Dependencies\n')[1] as string
    const named = [...section.matchAll(/^\| \[`([^`]+)`\]/gm)].map((match) => match[1])
    expect(named.sort()).toEqual(Object.keys(dependencies).sort())
  })
})
