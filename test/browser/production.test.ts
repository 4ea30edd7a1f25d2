// The example as it is built, in a real browser.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openBrowser } from './browser.js'
import { copyExample, type ExampleCopy, type Site } from './harness/example.js'
import { eventually, type WatchedPage, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

describe.skipIf(!browser)('production', () => {
  let example: ExampleCopy
  let site: Site

  beforeAll(async () => {
    example = await copyExample()
    await example.build()
    site = await example.start({ mode: 'production' })
  })

  afterAll(() => example.remove())

  // What /oops fails with goes to the log, which is not what is tested here.
  beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue())

  async function open(path: string): Promise<WatchedPage> {
    const watched = await watchedPage(browser)
    onTestFinished(() => watched.page.context().close())
    await watched.page.goto(site.origin + path)
    return watched
  }

  it.each([
    ['/', 200, 'Server-rendered pages, Vite assets, one port.'],
    ['/gallery', 200, 'Gallery'],
    ['/nowhere', 404, 'There is no such page.'],
    ['/oops', 500, 'Something went wrong.'],
  ])(
    '%s works without an error in the console or a broken request',
    async (path, status, heading) => {
      const { page, problems, messages } = await open(path)
      expect(await page.locator('h1').textContent()).toBe(heading)
      expect(await page.locator('.badge').textContent()).toBe('mode: production')
      expect(await page.locator('body').evaluate((body) => getComputedStyle(body).display)).toBe(
        'grid',
      )
      expect((await page.request.get(site.origin + path)).status()).toBe(status)
      expect(problems).toEqual([])
      expect(messages.filter((message) => message.includes('[vite]'))).toEqual([])
    },
  )

  it('runs the island, and loads the palette with its stylesheet on demand', async () => {
    const { page, problems } = await open('/')
    await page.getByRole('button', { name: 'Water it' }).click()
    expect(await page.locator('#island p').textContent()).toBe('Watered 1 time.')
    await page.getByRole('button', { name: 'Show the palette' }).click()
    await eventually(() =>
      page.evaluate(() => {
        const palette = document.querySelector('.palette')
        return palette && getComputedStyle(palette).display
      }),
    ).toBe('grid')
    expect(problems).toEqual([])
  })

  it('loads each file once, under a hashed name that is cached for a year', async () => {
    const { page } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    const requested: string[] = []
    const changing: string[] = []
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      requested.push(pathname)
      if (response.headers()['cache-control'] !== 'public, max-age=31536000, immutable')
        changing.push(pathname)
    })
    await page.goto(`${site.origin}/gallery`)
    expect(changing.sort()).toEqual(['/favicon.svg', '/gallery'])
    expect(requested.filter((path) => /^\/assets\/.*\.(js|css)$/.test(path)).length).toBe(4)
    expect(new Set(requested).size).toBe(requested.length)
  })

  it('shows no details of an error, and nothing of the development server', async () => {
    const { page } = await open('/oops')
    const html = await page.content()
    expect(html).not.toContain('on purpose')
    expect(html).not.toContain('@vite')
    expect(html).not.toContain(example.root)
  })

  it('opens a picture of the gallery', async () => {
    const { page, problems } = await open('/gallery')
    await page.getByRole('button', { name: 'Kite' }).click()
    await eventually(() =>
      page
        .locator('#lightbox[open] img')
        .evaluate((image) => (image as HTMLImageElement).naturalWidth > 0),
    ).toBe(true)
    expect(problems).toEqual([])
  })
})
