// Pages that make claims name the tests that show them: each exists, under the title and in the file that the page says.
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linksOf, prose, read } from './support/pages.js'

/** How many claims each makes at least: a table that is no longer read as one must not go unnoticed. */
const pages = [
  ['SECURITY.md', 40],
  ['docs/reliability.md', 30],
] as const

/** The titles of a test file: what stands first in a call that has a function behind it. */
function titlesIn(file: string): Set<string> {
  const calls = /\(\s*(['"`])((?:\\.|(?!\1).)*)\1,\s*(?:async\s*)?(?:\(|function|\w+\s*=>)/g
  return new Set(
    [...read(file).matchAll(calls)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1')),
  )
}

describe.each(pages)('%s', (page, claims) => {
  const tests = linksOf(page)
    .map(({ text, target }) => ({ text, file: posix.join(posix.dirname(page), target) }))
    .filter(({ file }) => file.startsWith('test/'))
  const rows = prose(page).filter(({ line }) => /^\| /.test(line) && !/shown by \|$/.test(line))

  it.each(tests)('names a test that exists: $text ($file)', ({ file, text }) => {
    expect([...titlesIn(file)]).toContain(text)
  })

  it.each(rows)('says what shows it: line $number', ({ line }) => {
    expect(line).toMatch(/\| \[.+\]\((?:\.\.\/)?test\/.+\.test\.ts\) \|$/)
  })

  it('makes its claims in such lines', () => {
    expect(rows.length).toBeGreaterThan(claims)
    expect(tests.length).toBeGreaterThan(rows.length)
  })
})
