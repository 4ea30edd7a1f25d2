// Links between the pages lead somewhere: to a file of the repository, and to a heading that it has.
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, linksOf, pages, prose, repository } from './support/pages.js'

const links = pages.flatMap(linksOf).filter(({ target }) => !/^[a-z]+:/.test(target))

describe('a link', () => {
  it.each(links)('leads to what exists: $target ($where)', ({ page, target }) => {
    const [path = '', anchor] = target.split('#')
    const file = path ? posix.join(posix.dirname(page), path) : page
    expect(existsSync(join(repository, file)), file).toBe(true)
    if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor)
  })
})

describe('a guide', () => {
  const guides = pages.filter((page) => page.startsWith('docs/'))
  it.each(guides)('is linked by the README: %s', (guide) => {
    expect(linksOf('README.md').map(({ target }) => target.split('#')[0])).toContain(guide)
  })

  it.each(pages)('has one title, and headings of one name once: %s', (page) => {
    const titles = prose(page).filter(({ line }) => line.startsWith('# '))
    expect(titles).toHaveLength(1)
    const anchors = anchorsOf(page)
    expect(anchors).toEqual([...new Set(anchors)])
  })
})
