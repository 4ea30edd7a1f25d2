// The prose check finds what it is for, and leaves code alone.
import { describe, expect, it } from 'vitest'
import { lintProse, longest } from './lint.js'
import { covered } from './pages.js'

const words = (count: number) => `${Array.from({ length: count }, () => 'word').join(' ')}.`
const faults = (page: string) => lintProse('page.md', page)

describe('the prose check', () => {
  it('finds a sentence that is too long, over several lines and with its line number', () => {
    const long = words(longest + 1).replaceAll(/(?:word ){10}/g, '$&\n')
    expect(faults(`# Title\n\nShort.\n\n${long}`)).toEqual([
      { where: 'page.md:5', message: expect.stringMatching(/^31 words: word/) },
    ])
    expect(faults(words(longest))).toEqual([])
  })

  it.each([
    ['a list item', `- ${words(31)}`],
    ['a table cell', `| a |\n| --- |\n| ${words(31)} |`],
    ['a heading', `## ${words(31)}`],
    ['a quote that follows a code block', `\`\`\`\ncode\n\`\`\`\n${words(31)}`],
  ])('finds it in %s', (_, page) => {
    expect(faults(page)).toHaveLength(1)
  })

  it.each([
    'Whoever reads this.',
    'A page of\nits own.',
    'Mend it.',
    'It says so.',
    '| be it a cell |',
  ])('finds words that are ruled out: %s', (page) => {
    expect(faults(page)).toHaveLength(1)
  })

  it.each([
    ['a code block', `\`\`\`ts\n// whoever ${words(40)}\n\`\`\``],
    ['a code span', `Use \`${words(40)} whatever\` here.`],
    ['a link', `See [it](docs/whatever.md) and https://example.com/mend.`],
    ['a comment', `<!-- ${words(40)} -->`],
    ['other words', 'The amendment commends recommended maybe items.'],
    ['two sentences', `${words(20)} W${words(20)}`],
    ['a sentence after a code span', `${words(20)} \`code\` ${words(20)}`],
    ['cells', `| ${words(20)} | ${words(20)} |`],
    ['items', `- ${words(20).slice(0, -1)}\n- ${words(20)}`],
  ])('has nothing against %s', (_, page) => {
    expect(faults(page)).toEqual([])
  })

  it('covers pages at the top and in docs/', () => {
    expect(covered()).toContain('CODE_OF_CONDUCT.md')
    expect(covered()).toContain('docs/testing.md')
  })
})
