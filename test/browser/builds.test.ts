// Builds by every Vite, in a real browser, under a content security policy that trusts nothing but the nonce.
import { randomBytes } from 'node:crypto'
import legacy from '@vitejs/plugin-legacy'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import type { InlineConfig } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { listen } from '../support/frameworks.js'
import { buildWith, removeBuilds, vites } from '../tags/builds.js'
import { openBrowser } from './browser.js'
import { oneStylesheet, shop, shopBody, shopInput } from './fixtures/shop.js'
import { eventually, isMarked, mark, type WatchedPage, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(async () => {
  await browser?.close()
  removeBuilds()
})

type Vite = (typeof vites)[number][1]

const vite8 = vites.at(-1)![1]
const relative = { config: { base: './' }, options: { base: './' } }
const importMap = { chunkImportMap: true }

interface Case {
  name: string
  vite: Vite
  files?: Record<string, string>
  /** What the page names, and so what is built. */
  entries?: readonly string[]
  config?: InlineConfig
  options?: ConnectViteOptions
  /** Where the app mounts it. */
  mount?: string
  /** What may bring styles, instead of the nonce alone. */
  styleSource?: string
}

const cases: Case[] = [
  ...vites.flatMap(([name, vite]) => [
    { name, vite },
    {
      name: `${name}, cssCodeSplit: false`,
      vite,
      files: oneStylesheet,
      entries: shopInput.filter((entry) => !entry.endsWith('.css')),
      config: { build: { cssCodeSplit: false } },
    },
    { name: `${name}, a relative base at a sub path`, vite, ...relative, mount: '/sub/app' },
  ]),
  { name: 'Vite 8, chunkImportMap', vite: vite8, config: { build: importMap } },
  {
    name: 'Vite 8, chunkImportMap, a relative base at a sub path',
    vite: vite8,
    options: relative.options,
    config: { ...relative.config, build: importMap },
    mount: '/sub',
  },
  {
    name: 'Vite 8, modulePreload: false',
    vite: vite8,
    config: { build: { modulePreload: false } },
  },
  {
    name: 'Vite 8, plugin-legacy',
    vite: vite8,
    config: { plugins: [legacy({ modernPolyfills: ['es.array.at'] })] },
  },
  {
    name: 'Vite 8, plugin-legacy without modern chunks',
    vite: vite8,
    config: { plugins: [legacy({ renderModernChunks: false })] },
    // Its scripts hold the styles, and put them into elements without a nonce.
    styleSource: "'unsafe-inline'",
  },
  { name: "Vite 8, preload: 'header'", vite: vite8, options: { preload: 'header' } },
  { name: "Vite 8, preload: 'both'", vite: vite8, options: { preload: 'both' } },
  { name: 'Vite 8, recover', vite: vite8, options: { recover: true } },
]

describe.skipIf(!browser).each(cases)('a build by $name', (built) => {
  const { vite, files = shop, entries = shopInput, config, ...setup } = built
  let site: Site

  beforeAll(async () => {
    const root = await buildWith(vite, files, entries, config)
    // Nothing is cached: what is asked for twice arrives twice.
    site = await serve(root, { ...setup, cacheControl: 'no-store', entries })
  })
  afterAll(() => site.close())
  beforeEach(() => void site.requests.splice(0))

  it('loads its scripts, styles and images, each once', async () => {
    const { page, problems, messages } = await open(`${site.url}/deep/page`)
    await eventually(() => ran(page)).toBe('home cart')
    await loaded(page, '#kite')
    expect(await colours(page, ['home', 'shared', 'theme'])).toEqual(styled)
    expect(problems).toEqual([])
    expect(messages).toEqual([])
    expect(twice(site)).toEqual([])
    expect(count(site, /\/tile-[\w-]+\.svg$/)).toBe(1)
  })

  it('loads chunks on demand, with their style', async () => {
    const { page, problems, messages } = await open(`${site.url}/deep/page`)
    await eventually(() => ran(page)).toBe('home cart')
    await page.locator('#more').click()
    await eventually(() => ran(page)).toBe('home cart lazy')
    expect(await colours(page, ['lazy'])).toEqual({ lazy: 'rgb(3, 3, 3)' })
    await page.locator('#lazy').click()
    await eventually(() => ran(page)).toBe('home cart lazy last')
    expect(problems).toEqual([])
    expect(messages).toEqual([])
    expect(twice(site)).toEqual([])
  })
})

describe.skipIf(!browser)('a page', () => {
  let root: string

  beforeAll(async () => {
    root = await buildWith(vite8, shop, shopInput)
  })

  it('is run by SystemJS where a browser lacks what modern chunks need', async () => {
    const root = await buildWith(vite8, shop, shopInput, { plugins: [legacy()] })
    const site = await serve(root, {
      styleSource: "'self' 'unsafe-inline'",
      // As such a browser sees the page: neither the detection nor the modern entries get anywhere.
      edit: (html) =>
        html
          .replace('window.__vite_is_modern_browser=true', '0')
          .replaceAll(/<script type="module" src="[^"]*"/g, '<script type="none"'),
    })
    onTestFinished(() => site.close())
    const { page, problems } = await open(`${site.url}/deep/page`)
    await eventually(() => ran(page)).toBe('home cart')
    await page.locator('#more').click()
    await eventually(() => ran(page)).toBe('home cart lazy')
    expect(await colours(page, ['home', 'lazy'])).toEqual({
      home: styled.home,
      lazy: 'rgb(3, 3, 3)',
    })
    expect(problems).toEqual([])
    expect(twice(site)).toEqual([])
  })

  async function start(options: ConnectViteOptions = {}): Promise<Site> {
    const site = await serve(root, { options })
    onTestFinished(() => site.close())
    return site
  }

  it('fetches beforehand what its dynamic imports need, and not again when they come', async () => {
    const site = await start({ prefetch: true })
    const { page, problems, messages } = await open(`${site.url}/deep/page`)
    const lazy = /\/(?:lazy|last)[\w-]*\.(?:js|css)$/
    await eventually(() => count(site, lazy)).toBe(3)
    await page.locator('#more').click()
    await eventually(() => ran(page)).toBe('home cart lazy')
    expect(await colours(page, ['lazy'])).toEqual({ lazy: 'rgb(3, 3, 3)' })
    expect(count(site, lazy)).toBe(3)
    expect(twice(site)).toEqual([])
    expect(problems).toEqual([])
    expect(messages).toEqual([])
  })

  it('has an inline stylesheet, whose images are found', async () => {
    const site = await start()
    const { page, problems } = await open(`${site.url}/deep/inline`)
    expect(await colours(page, ['theme'])).toEqual({ theme: styled.theme })
    await eventually(() => count(site, /\/tile-[\w-]+\.svg$/)).toBe(1)
    expect(count(site, /\.css$/)).toBe(0)
    expect(problems).toEqual([])
  })

  it('is loaded again once when a chunk is gone, and not in a loop', async () => {
    const site = await start({ recover: true })
    const { page, problems } = await open(`${site.url}/deep/page`)
    await eventually(() => ran(page)).toBe('home cart')
    site.gone.push(/\/lazy-[\w-]+\.js$/)
    await mark(page)
    await page.locator('#more').click()
    await eventually(() => isMarked(page).catch(() => true)).toBe(false)
    await eventually(() => ran(page)).toBe('home cart')

    await mark(page)
    problems.length = 0
    await page.locator('#more').click()
    await eventually(() => problems).toContainEqual(expect.stringContaining('exception: '))
    expect(await isMarked(page)).toBe(true)
    expect(count(site, /\/deep\/page$/)).toBe(2)
  })

  it('is refused what its nonce does not vouch for', async () => {
    const site = await start({ nonce: 'another' })
    const { page, problems } = await open(`${site.url}/deep/page`)
    await eventually(() => problems).toContainEqual(expect.stringMatching(/^csp: script-src-elem/))
    expect(problems).toContainEqual(expect.stringMatching(/^csp: style-src-elem/))
    expect(await ran(page)).toBe('')
  })
})

const styled = { home: 'rgb(1, 1, 1)', shared: 'rgb(2, 2, 2)', theme: 'rgb(4, 4, 4)' }

async function open(url: string): Promise<WatchedPage> {
  const watched = await watchedPage(browser)
  onTestFinished(() => watched.page.context().close())
  await watched.page.goto(url)
  return watched
}

interface Site {
  /** Of the place where the middleware is mounted, without a slash at its end. */
  url: string
  /** The paths that were asked for. */
  requests: string[]
  /** Paths that are answered 404. */
  gone: RegExp[]
  close(): Promise<void>
}

interface Setup extends Pick<Case, 'options' | 'mount' | 'entries' | 'styleSource'> {
  /** What the app says of everything, instead of the middleware. */
  cacheControl?: string
  /** Changes a page that was rendered. */
  edit?(html: string): string
}

/** A build in an app whose pages allow nothing but what has their nonce. */
async function serve(root: string, setup: Setup): Promise<Site> {
  const { options, mount = '', cacheControl, entries = shopInput, styleSource } = setup
  const { edit = (html) => html } = setup
  const vite = connectVite({ mode: 'production', root, integrity: true, ...options })
  const requests: string[] = []
  const gone: RegExp[] = []
  const app = express()
  app.use((req, res, next) => {
    requests.push(req.path)
    if (gone.some((path) => path.test(req.path))) return void res.status(404).end()
    if (cacheControl) res.setHeader('Cache-Control', cacheControl)
    const nonce = randomBytes(16).toString('base64')
    res.locals.cspNonce = nonce
    res.setHeader('Content-Security-Policy', policy(nonce, styleSource))
    next()
  })
  app.use(mount || '/', vite)
  app.get(`${mount}/deep/page`, (_req, res) => {
    const { viteTags } = res.locals
    const others = entries.filter((entry) => entry !== CART)
    res.send(edit(html([viteTags(others), viteTags(CART)])))
  })
  app.get(`${mount}/deep/inline`, (_req, res) => {
    res.send(html([res.locals.viteInline('src/theme.css')]))
  })
  const { url, close } = await listen(app)
  return {
    url: url + mount,
    requests,
    gone,
    async close() {
      await close()
      await vite.close()
    },
  }
}

/** The page asks for this entry in a call of its own. */
const CART = 'src/cart.js'

const policy = (nonce: string, styleSource = `'nonce-${nonce}'`) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src ${styleSource}`,
    "img-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
  ].join('; ')

const html = (tags: readonly string[]) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title>${tags.join('\n')}</head><body>${shopBody}</body></html>`

const count = ({ requests }: Site, path: RegExp) =>
  requests.filter((each) => path.test(each)).length

const twice = ({ requests }: Site) =>
  requests.filter((path, index) => requests.indexOf(path) < index)

/** The modules that ran, in order. */
const ran = (page: Page) => page.evaluate(() => document.documentElement.dataset.ran ?? '')

const loaded = (page: Page, image: string) =>
  eventually(() =>
    page.locator(image).evaluate((element) => (element as HTMLImageElement).naturalWidth),
  ).toBeGreaterThan(0)

const colours = (page: Page, classes: string[]) =>
  page.evaluate(
    (names) =>
      Object.fromEntries(
        names.map((name) => {
          const element = document.querySelector(`.${name}`)
          return [name, element && getComputedStyle(element).color]
        }),
      ),
    classes,
  )
