// Builds by every Vite, in a real browser, under a content security policy that trusts nothing but the nonce.
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import legacy from '@vitejs/plugin-legacy'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import type { InlineConfig } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { listen } from '../support/listen.js'
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
/** Legacy scripts hold their styles, and put them into elements without a nonce. */
const inlineStyles = { 'style-src': "'self' 'unsafe-inline'" }

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
  /** Directives instead of the usual ones. */
  policy?: Record<string, string>
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
    policy: inlineStyles,
  },
  {
    name: 'Vite 8, plugin-legacy without modern chunks, chunkImportMap',
    vite: vite8,
    config: { plugins: [legacy({ renderModernChunks: false })], build: importMap },
    policy: inlineStyles,
  },
  { name: "Vite 8, preload: 'header'", vite: vite8, options: { preload: 'header' } },
  { name: "Vite 8, preload: 'both'", vite: vite8, options: { preload: 'both' } },
  { name: 'Vite 8, recover', vite: vite8, options: { recover: true } },
]

const named = cases.map((built) => [built.name, built] as const)

describe.skipIf(!browser).each(named)('a build by %s', (_, built) => {
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
      policy: inlineStyles,
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

  async function start(options: ConnectViteOptions = {}, further?: Handle[]): Promise<Site> {
    const site = await serve(root, { options, further })
    onTestFinished(() => site.close())
    return site
  }

  it('prefetches what its dynamic imports need, and does not fetch it twice', async () => {
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

  it('loads everything from a CDN that pulls from the app', async () => {
    let pull: RequestListener = () => {}
    const pulled: string[] = []
    const cdn = await listen((req, res) => {
      pulled.push(req.url!)
      pull(req, res)
    })
    onTestFinished(cdn.close)
    const base = `${cdn.url}/x/`
    const root = await buildWith(vite8, shop, shopInput, { base })
    const site = await serve(root, {
      options: { base, preload: 'both' },
      policy: { 'img-src': cdn.url },
    })
    onTestFinished(() => site.close())
    pull = site.vite.wrap((_, res) => void res.writeHead(404).end())

    const { page, problems, messages } = await open(`${site.url}/deep/page`)
    await eventually(() => ran(page)).toBe('home cart')
    await loaded(page, '#kite')
    await page.locator('#more').click()
    await eventually(() => ran(page)).toBe('home cart lazy')
    expect(await colours(page, ['home', 'lazy'])).toEqual({
      home: styled.home,
      lazy: 'rgb(3, 3, 3)',
    })
    expect([...problems, ...messages]).toEqual([])
    expect(site.requests).toEqual(['/deep/page'])
    expect(pulled.toSorted()).toEqual([...new Set(pulled)].toSorted())
  })

  it('combines two builds, each with its chunks on demand', async () => {
    const other = { base: '/other/', build: { outDir: 'dist-other', ...importMap } }
    const root = await buildWith(vite8, shop, shopInput, other)
    const second = connectVite({
      mode: 'production',
      root,
      name: 'other',
      base: '/other/',
      outDir: 'dist-other',
      integrity: true,
      recover: true,
    })
    onTestFinished(() => second.close())
    const site = await start({ recover: true }, [second])
    const { page, problems, messages } = await open(`${site.url}/deep/builds`)
    await eventually(() => ran(page)).toBe('home cart')
    await page.locator('#more').click()
    await eventually(() => ran(page)).toBe('home cart lazy')
    expect([...problems, ...messages]).toEqual([])
    expect(await page.locator('meta[property="csp-nonce"]').count()).toBe(2) // one for each build
    expect(count(site, /^\/other\/assets\/cart-[\w-]+\.js$/)).toBe(1)
    expect(twice(site)).toEqual([])
  })

  it('finds the images of an inline stylesheet', async () => {
    const site = await start()
    const { page, problems } = await open(`${site.url}/deep/inline`)
    expect(await colours(page, ['theme'])).toEqual({ theme: styled.theme })
    await eventually(() => count(site, /\/tile-[\w-]+\.svg$/)).toBe(1)
    expect(count(site, /\.css$/)).toBe(0)
    expect(problems).toEqual([])
  })

  it('reloads once when a chunk is gone, and not in a loop', async () => {
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

  it('does not run a script without the nonce', async () => {
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
  vite: Handle
  /** Of the place where the middleware is mounted, without a slash at its end. */
  url: string
  /** The paths that were asked for. */
  requests: string[]
  /** Paths that are answered 404. */
  gone: RegExp[]
  close(): Promise<void>
}

interface Setup extends Pick<Case, 'options' | 'mount' | 'entries' | 'policy'> {
  /** What the app says of everything, instead of the middleware. */
  cacheControl?: string
  /** Other builds of the app. */
  further?: Handle[] | undefined
  /** Changes a page that was rendered. */
  edit?(html: string): string
}

/** A build in an app whose pages allow nothing but what has their nonce. */
async function serve(root: string, setup: Setup): Promise<Site> {
  const { options, mount = '', cacheControl, entries = shopInput, edit = (html) => html } = setup
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
    res.setHeader('Content-Security-Policy', policy(nonce, setup.policy))
    next()
  })
  app.use(mount || '/', vite, ...(setup.further ?? []))
  app.get(`${mount}/deep/page`, (_req, res) => {
    const { viteTags } = res.locals
    const others = entries.filter((entry) => entry !== CART)
    res.send(edit(html([viteTags(others), viteTags(CART)])))
  })
  app.get(`${mount}/deep/inline`, (_req, res) => {
    res.send(html([res.locals.viteInline('src/theme.css')]))
  })
  app.get(`${mount}/deep/builds`, (_req, res) => {
    const { viteTags, otherTags } = res.locals as Record<string, (entry: string) => string>
    res.send(html([viteTags!('src/home.js'), otherTags!(CART)]))
  })
  const { url, close } = await listen(app)
  return {
    vite,
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

const policy = (nonce: string, instead: Record<string, string> = {}) =>
  Object.entries({
    'default-src': "'none'",
    'script-src': `'nonce-${nonce}' 'strict-dynamic'`,
    'style-src': `'nonce-${nonce}'`,
    'img-src': "'self'",
    'connect-src': "'self'",
    'font-src': "'self'",
    'base-uri': "'none'",
    ...instead,
  })
    .map((directive) => directive.join(' '))
    .join('; ')

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
