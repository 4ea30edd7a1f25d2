// docs/recipes.md, as apps: each is given a page and run.
import { get } from 'node:http'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { openBrowser } from '../browser/browser.js'
import { eventually, listeningForUpdates, watchedPage } from '../browser/harness/page.js'
import { brokenUrls, guide, urlsIn } from './support/guide.js'
import { blocksOf } from './support/pages.js'

const browser = await openBrowser()
afterAll(() => browser?.close())

/** The code of a recipe, made an app by what stands behind it. */
function recipe(section: string, rest: string): string {
  const block = blocksOf('docs/recipes.md').find(({ sections }) => sections.includes(section))
  return `${block?.code}\n${rest}\napp.listen(3000)\n`
}

const config = (input: string) => `import { backend } from 'connect-vite/plugin'
export default { plugins: [backend({ input: '${input}' })] }
`

describe.skipIf(!browser)('a strict policy with helmet', () => {
  const page = `app.get('/', (_req, res) => {
  res.send(\`<!doctype html><title>Page</title>\${res.locals.viteTags('src/main.ts')}\`)
})`

  it.each(['production', 'development'])('lets the page work in %s', async (mode) => {
    const { build, start } = await guide({
      'server.ts': recipe('a-strict-content-security-policy-with-helmet', page),
      'vite.config.js': config('src/main.ts'),
    })
    if (mode === 'production') await build()
    const server = await start('server.ts', { NODE_ENV: mode })
    const watched = await watchedPage(browser!)
    onTestFinished(() => watched.page.context().close())
    await watched.page.goto(server.url)
    // Set by the script, after all that it imports.
    await eventually(() => watched.page.evaluate('document.body.dataset.main')).toBeTruthy()
    const color = () => watched.page.evaluate('getComputedStyle(document.body).color')
    await eventually(color).toBe('rgb(1, 2, 3)')
    if (mode === 'development') await listeningForUpdates(watched)
    expect(watched.problems.filter((problem) => !problem.includes('favicon'))).toEqual([])
  })
})

describe('early hints', () => {
  it('come before the page, which has the same header', async () => {
    const { build, start } = await guide({
      'server.ts': `${recipe('early-hints', "app.set('view engine', 'ejs')")}`,
      'views/home.ejs': "<%- viteTags('src/main.ts') %>",
      'vite.config.js': config('src/main.ts'),
    })
    await build()
    const server = await start('server.ts', { NODE_ENV: 'production' })
    const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
    const hints: unknown[] = []
    const link = await new Promise((resolve, reject) => {
      const request = get(server.url, { headers }, (answer) => {
        resolve(answer.resume().headers.link)
      })
      request.on('information', ({ headers }) => hints.push(headers.link)).on('error', reject)
    })
    expect(link).toMatch(/rel=preload; as=style.*rel=modulepreload/)
    expect(hints).toEqual([link])
  })
})

describe('several builds in one app', () => {
  it('are apart from each other', async () => {
    const page = `app.get('/', (_req, res) => {
  const { viteTags, adminTags } = res.locals as unknown as Record<string, (entry: string) => string>
  res.send(viteTags!('src/main.js') + adminTags!('src/admin.js'))
})`
    const { build, start } = await guide({
      'server.ts': recipe('several-builds-in-one-app', page),
      'site/src/main.js': 'console.log(1)\n',
      'site/vite.config.js': `${config('src/main.js')}`,
      'admin/src/admin.js': 'console.log(2)\n',
      'admin/vite.config.js': config('src/admin.js').replace(
        '{ plugins',
        "{ base: '/admin/', plugins",
      ),
    })
    await build('site')
    await build('admin')
    const server = await start('server.ts', { NODE_ENV: 'production' })
    const html = await (await fetch(server.url)).text()
    expect(urlsIn(html)).toEqual([
      expect.stringMatching(/^\/assets\/main-/),
      expect.stringMatching(/^\/admin\/assets\/admin-/),
    ])
    expect(await brokenUrls(server, html)).toEqual([])
  })
})
