// The README's tour is followed to the letter, in development and in production.
import { describe, expect, it } from 'vitest'
import { brokenUrls, filesOf, guide, urlsIn } from './support/guide.js'

const tour = filesOf('README.md', 'the-60-second-tour')

describe('the tour', () => {
  it('shows all files that it needs', () => {
    expect(Object.keys(tour).sort()).toEqual(
      [
        ...['server.js', 'server.ts', 'src/main.css', 'src/main.js'],
        ...['views/home.ejs', 'vite.config.js'],
      ].sort(),
    )
  })

  it.each([
    ['development', 'server.js'],
    ['production', 'server.js'],
    ['development', 'server.ts'],
    ['production', 'server.ts'],
  ])('leads to a page in %s with %s', async (mode, file) => {
    const { build, start } = await guide(tour)
    if (mode === 'production') await build()
    const server = await start(file, { NODE_ENV: mode })
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
