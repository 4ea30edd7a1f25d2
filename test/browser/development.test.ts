// The example in development, in a real browser: with Vite inside the app, and with Vite on its own.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { DevServerOptions } from '../../src/index.js'
import { openBrowser } from './browser.js'
import { copyExample, type ExampleCopy, type Site } from './harness/example.js'
import {
  eventually,
  isMarked,
  listeningForUpdates,
  mark,
  type WatchedPage,
  watchedPage,
} from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

/** Broken modules are part of the tests; Vite need not tell about each. */
const quiet: DevServerOptions = { config: { logLevel: 'silent' } }

const accent = '#5746d6'
const red = { css: '#b3261e', computed: 'rgb(179, 38, 30)' }

describe.skipIf(!browser).each(['embedded', 'external'] as const)('development, %s', (kind) => {
  let example: ExampleCopy
  let site: Site
  let open: (path: string) => Promise<WatchedPage>

  let start: (port?: number) => Promise<Site>

  beforeAll(async () => {
    example = await copyExample()
    const vite = kind === 'external' ? await example.startVite() : undefined
    start = (port) => example.start({ mode: 'development', devServer: vite?.url ?? quiet }, port)
    site = await start()
  })

  afterAll(() => example.remove())

  beforeEach(() => {
    // What /oops fails with goes to the log, which is not what is tested here.
    vi.spyOn(console, 'error').mockReturnValue()
    open = async (path) => {
      const watched = await watchedPage(browser)
      onTestFinished(() => watched.page.context().close())
      await watched.page.goto(site.origin + path)
      await listeningForUpdates(watched)
      return watched
    }
  })

  it.each([
    ['/', 200, 'Server-rendered pages, Vite assets, one port.'],
    ['/gallery', 200, 'Gallery'],
    ['/nowhere', 404, 'There is no such page.'],
    ['/oops', 500, 'Something went wrong.'],
  ])(
    '%s works without an error in the console or a broken request',
    async (path, status, heading) => {
      const { page, problems } = await open(path)
      expect(await page.locator('h1').textContent()).toBe(heading)
      expect(await page.locator('.badge').textContent()).toBe('mode: development')
      expect((await page.request.get(site.origin + path)).status()).toBe(status)
      expect(problems).toEqual([])
    },
  )

  it('shows images imported from scripts and named by templates', async () => {
    const { page } = await open('/')
    await page.locator('#island img').waitFor()
    const widths = await page
      .locator('img')
      .evaluateAll((images: HTMLImageElement[]) => images.map((image) => image.naturalWidth))
    expect(widths).toHaveLength(3)
    expect(widths.every((width) => width > 0)).toBe(true)
  })

  it('opens a picture of the gallery', async () => {
    const { page, problems } = await open('/gallery')
    await page.getByRole('button', { name: 'Kite' }).click()
    await page.locator('#lightbox[open] img').waitFor()
    expect(problems).toEqual([])
  })

  it('loads a module and its stylesheet on demand', async () => {
    const { page, problems } = await open('/')
    await page.locator('#island button').waitFor()
    await page.getByRole('button', { name: 'Show the palette' }).click()
    await eventually(() => style(page, '.palette', 'display')).toBe('grid')
    expect(problems).toEqual([])
  })

  it('has every style once', async () => {
    const { page } = await open('/')
    await page.locator('#island button').waitFor()
    // Open a second time: by now the stylesheets of the entry are known, and the head links to them.
    await page.reload()
    await page.locator('#island button').waitFor()
    expect(await rulesFor(page, '.site-header')).toBe(1)
    expect(await rulesFor(page, '.hero')).toBe(1)
  })

  // Eventually: a page never waits for Vite to learn which stylesheets there are.
  it('styles the first paint, before any script runs', async () => {
    await open('/')
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const display = async () => {
      await page.goto(site.origin)
      return style(page, 'body', 'display')
    }
    await eventually(display).toBe('grid')
  })

  it('shows a SCSS edit without a reload', async () => {
    const { page, problems } = await open('/')
    await page.locator('#island button').waitFor()
    const colour = () => style(page, '#show-palette', 'backgroundColor')
    const before = await colour()
    await mark(page)
    await example.edit('src/styles/_theme.scss', accent, red.css)
    await eventually(colour).toBe(red.computed)
    expect(await page.locator('#hot-status').textContent()).toContain('without a reload')
    await example.edit('src/styles/_theme.scss', red.css, accent)
    await eventually(colour).toBe(before)
    expect(await isMarked(page)).toBe(true)
    expect(await rulesFor(page, '.site-header')).toBe(1)
    expect(problems).toEqual([])
  })

  it('keeps the state of a React component over an edit', async () => {
    const { page, problems } = await open('/')
    const text = () => page.locator('#island p').textContent()
    for (let count = 1; count <= 3; count++) await page.locator('#island button').click()
    await mark(page)
    await example.edit('src/island.tsx', 'Watered ', 'Poured ')
    await eventually(text).toBe('Poured 3 times.')
    await example.edit('src/island.tsx', 'Poured ', 'Watered ')
    await eventually(text).toBe('Watered 3 times.')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('shows a syntax error in the overlay, and every page recovers when it is fixed', async () => {
    const watched = await open('/')
    const { page, problems } = watched
    const overlay = 'vite-error-overlay'
    await page.locator('#island button').waitFor()
    await example.edit('src/hot-updates.ts', 'export function', 'export function !')
    await page.locator(overlay).waitFor({ state: 'attached' })
    expect(await page.locator(`${overlay} .file`).textContent()).toContain('hot-updates.ts')
    const broken = await page.request.get(`${site.origin}/src/hot-updates.ts`)
    expect(broken.status()).toBe(500)

    // Came too late for the message that opens the overlay; Vite sends it to those who are there.
    const newcomer = await open('/')
    await eventually(() => newcomer.problems).toContainEqual(
      expect.stringMatching(/^status: 500 .*hot-updates/),
    )

    await example.edit('src/hot-updates.ts', 'export function !', 'export function')
    for (const { page } of [newcomer, watched]) {
      await page.locator('#island button').waitFor()
      await eventually(() => page.locator(overlay).count()).toBe(0)
      await page.locator('#island button').click()
      expect(await page.locator('#island p').textContent()).toBe('Watered 1 time.')
    }
    expect([...problems, ...newcomer.problems].filter(isViolation)).toEqual([])
  })

  it('loads the page again when its template changes', async () => {
    const { page, problems } = await open('/nowhere')
    const heading = () => page.locator('h1').textContent()
    await example.edit('views/not-found.ejs', 'There is no such page.', 'Nothing here.')
    await eventually(heading).toBe('Nothing here.')
    await example.edit('views/not-found.ejs', 'Nothing here.', 'There is no such page.')
    await eventually(heading).toBe('There is no such page.')
    expect(problems).toEqual([])
  })

  it('shows the app’s error page for a broken template, and the page returns when it is fixed', async () => {
    const watched = await open('/nowhere')
    const { page, messages } = watched
    const heading = () => page.locator('h1').textContent()
    const broken = "<% viteTags('src/nowhere.ts') %>"
    messages.length = 0
    await example.edit('views/not-found.ejs', 'There is no such page.', broken)
    await eventually(heading).toBe('Something went wrong.')
    expect(await page.locator('.details').textContent()).toContain('src/nowhere.ts')
    await listeningForUpdates(watched)
    await example.edit('views/not-found.ejs', broken, 'There is no such page.')
    await eventually(heading).toBe('There is no such page.')
  })

  it.runIf(kind === 'external')('uses an external Vite that is found by its hot file', async () => {
    const other = await example.start({ mode: 'development' })
    const { page, problems } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(other.origin)
    await page.locator('#island button').click()
    expect(await page.locator('#island p').textContent()).toBe('Watered 1 time.')
    expect(other.vite.server).toBeUndefined()
    expect(problems).toEqual([])
  })

  it('reloads by itself when the app was restarted', async () => {
    const { page, problems } = await open('/nowhere')
    await mark(page)
    const port = Number(new URL(site.origin).port)
    await site.close()
    site = await start(port)
    await eventually(() => isMarked(page).catch(() => true)).toBe(false)
    await page.locator('.notice').waitFor()
    expect(problems.filter(isViolation)).toEqual([])
  })
})

type Page = WatchedPage['page']

const isViolation = (problem: string) => problem.startsWith('csp')

/** A computed style, or `undefined` while there is no such element. */
function style(page: Page, selector: string, property: 'display' | 'backgroundColor') {
  return page.evaluate(
    ([selector, property]) => {
      const element = document.querySelector(selector)
      return element ? getComputedStyle(element)[property] : undefined
    },
    [selector, property] as const,
  )
}

/** How many style rules the page has for exactly this selector. */
function rulesFor(page: Page, selector: string) {
  return page.evaluate((selector) => {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    return rules.filter((rule) => rule instanceof CSSStyleRule && rule.selectorText === selector)
      .length
  }, selector)
}
