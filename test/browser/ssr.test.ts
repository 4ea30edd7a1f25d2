// Server-rendered pages in a real browser: the example's shop and garden, in development and as they are built.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { createBuilder, type InlineConfig } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { openBrowser } from './browser.js'
import { streamed } from './fixtures/streamed.js'
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

const quiet = { config: { logLevel: 'silent' } } as const
const basket = (page: Page) => page.locator('.basket').textContent()
const addToBasket = (page: Page) =>
  page.getByRole('button', { name: 'Add to basket' }).first().click()
const names = (page: Page) => page.locator('.products h2').allTextContents()

describe.skipIf(!browser).each(['development', 'production'] as const)('%s', (mode) => {
  let example: ExampleCopy
  let site: Site

  beforeAll(async () => {
    example = await copyExample()
    if (mode === 'production') await example.build()
    site = await example.start({ mode, devServer: quiet })
  })
  afterAll(() => example?.remove())

  // What fails on purpose goes to the app's log.
  beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue())

  async function open(path: string): Promise<WatchedPage> {
    const watched = await watchedPage(browser)
    onTestFinished(() => watched.page.context().close())
    await watched.page.goto(site.origin + path)
    if (mode === 'development') await listeningForUpdates(watched)
    return watched
  }

  async function openWithoutScripts(path: string): Promise<Page> {
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(site.origin + path)
    return page
  }

  describe('the shop', () => {
    it('arrives rendered and styled, before any script runs', async () => {
      const page = await openWithoutScripts('/shop?q=sun')
      expect(await names(page)).toEqual(['Basil', 'Sunflower'])
      expect(await page.locator('.badge').textContent()).toBe(`mode: ${mode}`)
      const display = (element: Element) => getComputedStyle(element).display
      expect(await page.locator('body').evaluate(display)).toBe('grid')
      expect(await page.locator('.products').evaluate(display)).toBe('grid')
    })

    it('hydrates without a mismatch or a console message', async () => {
      const { page, problems } = await open('/shop')
      await eventually(async () => {
        await addToBasket(page)
        return basket(page)
      }).toMatch(/^In your basket: \d+ for €/)
      expect(problems).toEqual([])
      const policy = (await page.request.get(`${site.origin}/shop`)).headers()
      expect(policy['content-security-policy']).toMatch(
        /script-src 'nonce-\S+' 'strict-dynamic';style-src/,
      )
    })

    it.each(['</script><script>document.title = 1</script>', '$& $`', '<!--<script>'])(
      'takes a search for %s for words',
      async (query) => {
        const { page, problems } = await open('/shop')
        await page.getByLabel('Search the shop').fill(query)
        await page.getByRole('button', { name: 'Search' }).click()
        await page.waitForURL(/\?q=/)
        expect(await page.locator('main').textContent()).toContain(
          `Nothing here is called “${query}”.`,
        )
        expect(await page.getByLabel('Search the shop').inputValue()).toBe(query)
        expect(await page.title()).toBe('Shop · connect-vite example')
        expect(problems).toEqual([])
      },
    )
  })

  describe('the garden', () => {
    it('changes the address without loading a document, back and forth', async () => {
      const { page, problems } = await open('/garden')
      const heading = () => page.locator('h1').textContent()
      await mark(page)
      await page.getByRole('link', { name: 'Summer' }).click()
      await eventually(heading).toBe('Summer')
      expect(new URL(page.url()).pathname).toBe('/garden/summer')
      await page.getByRole('link', { name: 'Winter' }).click()
      await page.goBack()
      await eventually(heading).toBe('Summer')
      expect(await isMarked(page)).toBe(true)
      await page.reload()
      await eventually(heading).toBe('Summer')
      expect(problems).toEqual([])
    })
  })

  describe.runIf(mode === 'development')('an edit', () => {
    const shop = 'src/shop/shop.tsx'
    const catalogue = 'src/shop/catalogue.ts'
    const served = async () => (await fetch(`${site.origin}/shop`)).text()
    const serves = (text: string) => async () => (await served()).includes(text)

    /** The file watcher overlooks an edit that follows on another's heels: then it is written again. */
    async function edit(file: string, from: string, to: string, isSeen: () => Promise<boolean>) {
      await example.edit(file, from, to)
      for (let looks = 1; !(await isSeen()); looks++) {
        await wait(50)
        if (looks % 40 === 0) await example.edit(file, to, to)
      }
    }

    it('of a component is seen on both sides, and the page keeps its state', async () => {
      const { page, problems } = await open('/shop')
      await eventually(async () => {
        await addToBasket(page)
        return basket(page)
      }).toMatch(/^In your basket/)
      await mark(page)
      const shows = async () => (await basket(page))?.startsWith('On your cart: ') ?? false
      await edit(shop, 'In your basket', 'On your cart', shows)
      expect(await isMarked(page)).toBe(true)

      await edit(shop, 'Your basket is empty', 'Your cart is empty', serves('Your cart is empty'))
      await page.reload()
      expect(await basket(page)).toBe('Your cart is empty.')
      await edit(shop, 'Your cart is empty', 'Your basket is empty', serves('Your basket is empty'))
      expect(problems).toEqual([])
    })

    it('that makes server and browser differ is reported as a mismatch', async () => {
      const [same, different] = ['<h1>Shop</h1>', '<h1>{typeof document}</h1>']
      await edit(shop, same, different, serves('<h1>undefined</h1>'))
      const { problems } = await open('/shop')
      await eventually(() => problems).toContainEqual(expect.stringMatching(/hydrat/i))
      await edit(shop, different, same, serves(same))
    })

    it('of a server-only module is seen by the next request', async () => {
      await edit(catalogue, "'Basil'", "'Basilisk'", serves('<h2>Basilisk</h2>'))
      await edit(catalogue, "'Basilisk'", "'Basil'", serves('<h2>Basil</h2>'))
    })

    it('that breaks the server shows in the overlay, and pages return when it is fixed', async () => {
      const [whole, broken] = ['const products', 'const const products']
      const overlay = 'vite-error-overlay'
      const watched = await open('/shop')
      await edit(catalogue, whole, broken, serves('Something went wrong.'))
      await watched.page.locator(overlay).waitFor({ state: 'attached' })
      expect(await watched.page.locator(`${overlay} .file`).textContent()).toContain(catalogue)

      const newcomer = await open('/shop')
      await newcomer.page.locator(overlay).waitFor({ state: 'attached' })
      expect(await newcomer.page.locator('h1').textContent()).toBe('Something went wrong.')

      await edit(catalogue, broken, whole, serves('<h2>Basil</h2>'))
      for (const { page } of [watched, newcomer]) {
        await eventually(() => names(page).catch(() => [])).toContain('Basil')
        await eventually(() => page.locator(overlay).count()).toBe(0)
      }
    })
  })
})

describe.skipIf(!browser).each(['development', 'production'] as const)('a stream in %s', (mode) => {
  let project: Project
  let vite: Handle
  let site: Awaited<ReturnType<typeof listen>>
  /** Lets go what is late. */
  let release: () => void

  beforeAll(async () => {
    project = await createProject(streamed)
    if (mode === 'production') await buildApp(project.root)
    vite = connectVite({ mode, root: project.root, devServer: { config: configOf(project.root) } })
    const app = express()
    app.locals.late = (later: () => void) => {
      release = later
    }
    app.use(vite)
    app.use((_req, res, next) => {
      const nonce = randomBytes(16).toString('base64')
      res.locals.cspNonce = nonce
      const only = `default-src 'none'; img-src data:; connect-src 'self' ws:; style-src 'nonce-${nonce}'`
      res.set('Content-Security-Policy', `${only}; script-src 'nonce-${nonce}' 'strict-dynamic'`)
      next()
    })
    app.get('/', vite.ssr('src/entry-server.js'))
    site = await listen(app)
  })
  afterAll(async () => {
    await vite?.close()
    await site?.close()
    await project?.remove()
  })

  it('shows the shell at once and the late part later, by scripts with the nonce', async () => {
    const { page, problems } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(site.url, { waitUntil: 'commit' })
    await page.getByText('waiting').waitFor()
    expect(await page.locator('h1').textContent()).toBe('shell')
    expect(await page.getByText('late').count()).toBe(0)
    release()
    const late = page.getByRole('button', { name: 'late' })
    await late.waitFor()
    await eventually(async () => {
      await late.click()
      return late.textContent()
    }).toMatch(/^late [1-9]/)
    expect(problems).toEqual([])
  })
})

function configOf(root: string): InlineConfig {
  const input = 'src/entry-server.js'
  return {
    root,
    configFile: false,
    logLevel: 'silent',
    environments: { ssr: { build: { rolldownOptions: { input } } } },
  }
}

async function buildApp(root: string): Promise<void> {
  const config = { ...configOf(root), plugins: [backend({ input: 'index.html' })], builder: {} }
  const builder = await createBuilder(config)
  await builder.buildApp()
}
