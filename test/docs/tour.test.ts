// The README's tour is followed to the letter, in development and in production.
import { describe, expect, it } from 'vitest'
import { brokenUrls, filesOf, guide, urlsIn } from './support/guide.js'

const tour = {
  ...filesOf('README.md', 'the-60-second-tour'),
  // The one file that it speaks of and does not show.
  'src/main.css': 'h1 { color: teal }\n',
}

describe('the tour', () => {
  it('shows all files that it needs', () => {
    expect(Object.keys(tour).sort()).toEqual(
      ['server.js', 'src/main.css', 'src/main.js', 'views/home.ejs', 'vite.config.js'].sort(),
    )
  })

  it.each(['development', 'production'])('leads to a page in %s', async (mode) => {
    const { build, start } = await guide(tour)
    if (mode === 'production') await build()
    const server = await start('server.js', { NODE_ENV: mode })
    const html = await (await fetch(server.url)).text()
    expect(html).toContain('<h1>Hello</h1>')
    const urls = urlsIn(html)
    const style =
      mode === 'production'
        ? /href="[^"]*main[^"]*\.css"/
        : /<style data-vite-dev-id="[^"]*main\.css">/
    expect(html).toMatch(style)
    expect(urls.some((url) => url.includes('main') && url.endsWith('.js'))).toBe(true)
    expect(await brokenUrls(server, html)).toEqual([])
  })
})
