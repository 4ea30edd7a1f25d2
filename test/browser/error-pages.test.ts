// Pages that fail in development: each comes back by itself, and errors are shown on the pages that have them alone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const OVERLAY = 'vite-error-overlay'
const page = (title: string, entry: string) =>
  `<!doctype html><head><link rel="icon" href="data:,"><%- viteTags('${entry}') %></head><h1>${title}</h1>`

async function createSite(files: Record<string, string> = {}) {
  const project = await createProject({
    'views/home.ejs': page('Home', 'src/home.js'),
    'views/other.ejs': page('Other', 'src/other.js'),
    'src/home.js': "import { part } from './part.ts'\ndocument.body.dataset.home = part\n",
    'src/part.ts': "export const part = 'part'\n",
    'src/other.js': "document.body.dataset.other = 'other'\n",
    ...files,
  })
  onTestFinished(project.remove)
  return project
}

function createApp(
  project: Project,
  before?: (app: Express) => void,
): { app: Express; vite: Handle } {
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    devServer: { config: { logLevel: 'silent' } },
    logger: { info() {}, warn() {}, error() {} },
  })
  const app = express()
  app.set('views', `${project.root}/views`)
  app.set('view engine', 'ejs')
  app.set('env', 'test-without-log')
  before?.(app)
  app.use(vite)
  app.get('/', (_req, res) => res.render('home'))
  app.get('/other', (_req, res) => res.render('other'))
  return { app, vite }
}

async function start(
  project: Project,
  before?: (app: Express) => void,
  after?: (app: Express) => void,
) {
  const { app, vite } = createApp(project, before)
  after?.(app)
  const { url, close } = await listen(app)
  onTestFinished(async () => {
    await vite.close()
    await close()
  })
  return url
}

async function open(url: string) {
  const watched = await watchedPage(browser)
  onTestFinished(() => watched.page.context().close())
  await watched.page.goto(url)
  return watched
}

describe.skipIf(!browser)('an error page of Express', () => {
  it.each<[string, ((app: Express) => void) | undefined]>([
    ['as it is', undefined],
    [
      'under a policy that wants a nonce',
      (app) =>
        app.use((_req, res, next) => {
          res.locals.cspNonce = 'abcdef'
          res.setHeader(
            'Content-Security-Policy',
            "script-src 'nonce-abcdef' 'strict-dynamic'; style-src 'self' 'nonce-abcdef'",
          )
          next()
        }),
    ],
  ])('comes back when the template is fixed, without a setting for it (%s)', async (_, before) => {
    const project = await createSite()
    const url = await start(project, before)
    await project.write({ 'views/home.ejs': '<%= nothing.here %>' })
    const watched = await open(url)
    const text = () => watched.page.locator('body').textContent()
    expect(await text()).toContain('nothing is not defined')
    await listeningForUpdates(watched)
    await project.write({ 'views/home.ejs': '<%= still.nothing %>' })
    await eventually(text).toContain('still is not defined')
    await project.write({ 'views/home.ejs': page('Home', 'src/home.js') })
    await eventually(() => watched.page.locator('body').getAttribute('data-home')).toBe('part')
  })

  it('does not load again and again when the app writes a log at each error', async () => {
    const project = await createSite({ 'errors.txt': '' })
    let errors = 0
    const url = await start(project, undefined, (app) => {
      app.get('/broken', (_req, _res, next) => {
        void project.write({ 'errors.txt': `${++errors}` }).then(() => next(new Error('broken')))
      })
    })
    await open(`${url}/broken`)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(errors).toBeLessThan(4)
  })
})

describe.skipIf(!browser)('a broken module', () => {
  it('covers the page that imports it, when it is opened, and no other', async () => {
    const project = await createSite({ 'src/part.ts': 'export const part: = 1\n' })
    const url = await start(project)
    const home = await open(url)
    await home.page.locator(OVERLAY).waitFor({ state: 'attached' })
    expect(await home.page.locator(`${OVERLAY} .file`).textContent()).toContain('part.ts')
    const other = await open(`${url}/other`)
    await listeningForUpdates(other)
    await eventually(() => other.page.locator('body').getAttribute('data-other')).toBe('other')
    expect(await other.page.locator(OVERLAY).count()).toBe(0)
    // A second page that has it, opened beside others. Vite itself tells all that are open when a request fails.
    const second = await open(url)
    await second.page.locator(OVERLAY).waitFor({ state: 'attached' })

    await project.write({ 'src/part.ts': "export const part = 'fixed'\n" })
    for (const { page } of [home, second]) {
      await eventually(() => page.locator('body').getAttribute('data-home')).toBe('fixed')
      expect(await page.locator(OVERLAY).count()).toBe(0)
    }
  })

  it('is forgotten when nothing imports it any more', async () => {
    const project = await createSite({ 'src/part.ts': 'export const part: = 1\n' })
    const url = await start(project)
    const home = await open(url)
    await home.page.locator(OVERLAY).waitFor({ state: 'attached' })
    await project.write({ 'src/home.js': "document.body.dataset.home = 'alone'\n" })
    await eventually(() => home.page.locator('body').getAttribute('data-home')).toBe('alone')
    expect(await home.page.locator(OVERLAY).count()).toBe(0)
  })
})

describe.skipIf(!browser)('an error of a server entry', () => {
  const server = `
    export function render(url) {
      if (url.endsWith('/bad')) throw new Error('no such product')
      return '<h1>Product</h1>'
    }
    export default () => { throw new Error('no data') }
  `
  const template = `<!doctype html><head><link rel="icon" href="data:,"><script type="module" src="/src/other.js"></script></head><!--ssr-outlet-->`

  async function shop() {
    const project = await createSite({ 'src/server.js': server, 'index.html': template })
    const { app, vite } = createApp(project)
    app.get('/product/:name', vite.ssr('src/server.js'))
    app.use('/api', vite.fetchable('src/server.js'))
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await vite.close()
      await close()
    })
    return url
  }
  const covered = (watched: Awaited<ReturnType<typeof open>>) =>
    watched.page.locator(OVERLAY).count()

  it('covers the page that it belongs to, and no other, open or opened later', async () => {
    const url = await shop()
    const [home, good] = [await open(url), await open(`${url}/product/good`)]
    for (const page of [home, good]) await listeningForUpdates(page)
    const bad = await open(`${url}/product/bad`)
    await bad.page.locator(OVERLAY).waitFor({ state: 'attached' })
    const later = await open(`${url}/other`)
    await listeningForUpdates(later)
    // By then each of them has been told.
    const second = await open(`${url}/product/bad`)
    await second.page.locator(OVERLAY).waitFor({ state: 'attached' })
    for (const page of [home, good, later]) expect(await covered(page)).toBe(0)
  })

  it('in a call of a page covers the page that made it', async () => {
    const url = await shop()
    const [home, other] = [await open(url), await open(`${url}/other`)]
    for (const page of [home, other]) await listeningForUpdates(page)
    expect(await home.page.evaluate(() => fetch('/api').then(({ status }) => status))).toBe(500)
    await home.page.locator(OVERLAY).waitFor({ state: 'attached' })
    expect(await covered(other)).toBe(0)
  })
})

describe.skipIf(!browser)('a page that is still loading while the app restarts', () => {
  it('loads again when the app is back', async () => {
    const project = await createSite()
    // The page and its modules arrive, and the app goes before the socket can connect.
    const first = createApp(project)
    const server = createServer(first.app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await first.vite.ready()
    server.on('upgrade', (_req, socket) => socket.destroy())
    const { emit } = server
    server.emit = ((event: string, ...rest: unknown[]) => {
      const [, socket] = rest as [unknown, { destroy(): void }]
      if (event === 'upgrade') return socket.destroy() ?? true
      return Reflect.apply(emit, server, [event, ...rest])
    }) as typeof emit
    const { page } = await open(`http://127.0.0.1:${port}/`)
    await eventually(() => page.locator('body').getAttribute('data-home')).toBe('part')
    await mark(page)
    await first.vite.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))

    const second = createApp(project)
    const restarted = createServer(second.app)
    await new Promise<void>((resolve) => restarted.listen(port, '127.0.0.1', resolve))
    onTestFinished(async () => {
      await second.vite.close()
      restarted.closeAllConnections()
      await new Promise((resolve) => restarted.close(resolve))
    })
    await eventually(() => isMarked(page)).toBe(false)
    await eventually(() => page.locator('body').getAttribute('data-home')).toBe('part')
    // Once is enough: the page that has its connection stays.
    await mark(page)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(await isMarked(page)).toBe(true)
  })
})
