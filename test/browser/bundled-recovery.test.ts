// Errors in bundled development in a real browser: the overlay, and pages that recover once the error is fixed.
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { backend } from '../../src/plugin/index.js'
import { bundledApp, html } from '../support/bundled.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const good =
  "import { word } from './word.ts'\ndocument.querySelector('h1')!.textContent = word\nimport.meta.hot?.accept()\n"
const files = { 'src/main.ts': good, 'src/word.ts': "export const word: string = 'good'\n" }
const config = { build: { rolldownOptions: { input: ['src/main.ts'] } } }
const pages = {
  '/': ({ viteTags }: Express.Locals) => html(viteTags('src/main.ts'), '<h1></h1><input>'),
}

describe.skipIf(!browser)('An error in bundled development', () => {
  it('is shown on the open page, which goes on with its state once it is fixed', async () => {
    const app = await bundledApp({ files, config, pages })
    const watched = await watchedPage(browser)
    const { page } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await page.fill('input', 'typed')
    await mark(page)
    // Vite's client loads a page again where the first update of all comes after an error.
    await app.edit('src/main.ts', '= word', "= word + '?'")
    await eventually(() => page.textContent('h1')).toBe('good?')
    await app.write({ 'src/main.ts': 'const = 1\n' })
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    await app.write({ 'src/main.ts': good.replace('= word', "= word + '!'") })
    await page.waitForSelector('vite-error-overlay', { state: 'detached' })
    await eventually(() => page.textContent('h1')).toBe('good!')
    expect(await page.inputValue('input')).toBe('typed')
    expect(await isMarked(page)).toBe(true)
  })

  it('is shown on a page that is loaded while it lasts, which loads again once it is fixed', async () => {
    const app = await bundledApp({ files, config, pages })
    const watched = await watchedPage(browser)
    const { page } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await app.write({ 'src/word.ts': 'export const = 1\n' })
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    await page.reload()
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    expect(await page.textContent('h1')).toBe('good')
    await app.write({ 'src/word.ts': "export const word: string = 'fixed'\n" })
    await eventually(() => page.textContent('h1')).toBe('fixed')
    await page.waitForSelector('vite-error-overlay', { state: 'detached' })
  })

  it('at the start is shown too, and the page loads again once it is fixed', async () => {
    const broken = { ...files, 'src/word.ts': 'export const = 1\n' }
    const app = await bundledApp({ files: broken, config, pages })
    const { page } = await watchedPage(browser)
    await page.goto(app.url)
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    await app.write(files)
    await eventually(() => page.textContent('h1')).toBe('good')
    await page.waitForSelector('vite-error-overlay', { state: 'detached' })
  })

  it('that is a missing file goes when the file is created', async () => {
    const app = await bundledApp({ files, config, pages })
    const watched = await watchedPage(browser)
    const { page } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await app.edit('src/main.ts', './word.ts', './later.ts')
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    await app.write({ 'src/later.ts': "export const word = 'created'\n" })
    await eventually(() => page.textContent('h1')).toBe('created')
    await page.waitForSelector('vite-error-overlay', { state: 'detached' })
  })

  it('on a page of page() is shown, and the page loads again once it is fixed', async () => {
    const index =
      '<!doctype html><html><head><link rel="icon" href="data:,"><script type="module" src="/src/main.ts"></script></head><body><h1></h1></body></html>'
    const app = await bundledApp({
      files: { ...files, 'index.html': index, 'src/word.ts': 'export const = 1\n' },
      extend: (router, vite) => router.get('/', vite.page()),
    })
    const { page } = await watchedPage(browser)
    await page.goto(app.url)
    await page.waitForSelector('vite-error-overlay', { state: 'attached' })
    await app.write({ 'src/word.ts': files['src/word.ts'] })
    await eventually(() => page.textContent('h1')).toBe('good')
  })
})

describe.skipIf(!browser)('An edit in bundled development', () => {
  it('of a template loads the page again', async () => {
    const app = await bundledApp({
      files: { ...files, 'views/page.html': 'one' },
      config: { plugins: [backend({ input: ['src/main.ts'], reload: ['views/**'] })] },
      pages,
    })
    const watched = await watchedPage(browser)
    const { page, problems } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    expect(await page.textContent('h1')).toBe('good')
    await mark(page)
    await app.write({ 'views/page.html': 'two' })
    await eventually(() => isMarked(page)).toBe(false)
    await eventually(() => page.textContent('h1')).toBe('good')
    expect(problems).toEqual([])
  })

  it('of vite.config loads the page again', async () => {
    const text = (word: string) =>
      `export default { define: { __WORD__: '"${word}"' }, build: { rolldownOptions: { input: ['src/main.ts'] } } }`
    const app = await bundledApp({
      files: {
        'vite.config.js': text('one'),
        'src/main.ts': "document.querySelector('h1').textContent = __WORD__\n",
      },
      pages,
    })
    const watched = await watchedPage(browser)
    const { page } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    expect(await page.textContent('h1')).toBe('one')
    await app.write({ 'vite.config.js': text('two') })
    await eventually(() => page.textContent('h1').catch(() => '')).toBe('two')
  })
})
