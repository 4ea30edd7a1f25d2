// Two Vites in one app and on one page, in development: each has its own client, socket and updates.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { createProject } from '../support/project.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

/** Shows its text, and shows the new one after an edit. */
const module = (id: string, text: string) => `import './main.css'
document.querySelector('#${id}').textContent = '${text}'
if (import.meta.hot) import.meta.hot.accept()
`

const policy = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self' ws:",
  ].join('; ')

describe.skipIf(!browser)('two builds on one page, in development', () => {
  it('both load, and each is updated by its own Vite', async () => {
    const project = await createProject({
      'site/src/main.js': module('site', 'site'),
      'site/src/main.css': '#site { color: rgb(1, 1, 1) }',
      'admin/src/main.js': module('admin', 'admin'),
      'admin/src/main.css': '#admin { color: rgb(2, 2, 2) }',
      'admin/vite.config.js': "export default { base: '/admin/' }",
    })
    const root = (name: string) => join(project.root, name)
    const common = { mode: 'development', devServer: { config: { logLevel: 'silent' } } } as const
    const site = connectVite({ ...common, root: root('site') })
    const admin = connectVite({ ...common, root: root('admin'), name: 'admin' })

    const app = express()
    app.use((_req, res, next) => {
      const nonce = randomBytes(16).toString('base64')
      res.locals.cspNonce = nonce
      res.setHeader('Content-Security-Policy', policy(nonce))
      next()
    })
    app.use(site, admin)
    app.get('/page', (_req, res) => {
      const { viteTags, adminTags } = res.locals as Record<string, (entry: string) => string>
      res.send(`<!doctype html><head><meta charset="utf-8">
        ${viteTags!('src/main.js')}\n${adminTags!('src/main.js')}</head>
        <p id="site"></p><p id="admin"></p>`)
    })
    const { url, close } = await listen(app)
    onTestFinished(async () => {
      await Promise.all([site.close(), admin.close()])
      await close()
      await project.remove()
    })

    const { page, problems, messages } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(`${url}/page`)
    await eventually(() => texts(page)).toEqual(['site', 'admin'])
    await eventually(() => messages.filter((text) => text === '[vite] connected.')).toHaveLength(2)
    // One for each build: a call cannot know that it is not the first of the document.
    expect(await page.locator('meta[property="csp-nonce"]').count()).toBe(2)

    await mark(page)
    await project.write({ 'admin/src/main.js': module('admin', 'edited') })
    await eventually(() => texts(page)).toEqual(['site', 'edited'])
    await project.write({ 'site/src/main.css': '#site { color: rgb(3, 3, 3) }' })
    await eventually(() => colour(page, '#site')).toBe('rgb(3, 3, 3)')
    expect(await colour(page, '#admin')).toBe('rgb(2, 2, 2)')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })
})

const texts = (page: Page) => page.locator('p').allTextContents()

const colour = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => getComputedStyle(element).color)
