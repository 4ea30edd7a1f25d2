// SECURITY.md names tests: each of them exists, under the title and in the file that the page says.
import { describe, expect, it } from 'vitest'
import { linksOf, prose, read } from './support/pages.js'

const page = 'SECURITY.md'
const tests = linksOf(page).filter(({ target }) => target.startsWith('test/'))

/** The titles of a test file: what stands first in a call that has a function behind it. */
function titlesIn(file: string): Set<string> {
  const calls = /\(\s*(['"`])((?:\\.|(?!\1).)*)\1,\s*(?:async\s*)?(?:\(|function|\w+\s*=>)/g
  return new Set(
    [...read(file).matchAll(calls)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1')),
  )
}

describe('a test that the page names', () => {
  it.each(tests)('exists: $text ($target)', ({ target, text }) => {
    expect([...titlesIn(target)]).toContain(text)
  })
})

describe('a line of a table', () => {
  const rows = prose(page).filter(({ line }) => /^\| /.test(line) && !/shown by \|$/.test(line))
  it.each(rows)('says what shows it: line $number', ({ line }) => {
    expect(line).toMatch(/\| \[.+\]\(test\/.+\.test\.ts\) \|$/)
  })

  it('is there for each threat', () => {
    expect(rows.length).toBeGreaterThan(40)
    expect(tests.length).toBeGreaterThan(rows.length)
  })
})
