// A page that stays open in a real browser while `node --watch` restarts the app.
import type { Browser } from 'playwright-core'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { watchedApp } from '../behaviour/support/watched-app.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

it.skipIf(!browser)('loads again by itself, and its modules are hot again', async () => {
  const app = await watchedApp('node --watch', 'by the signal alone')
  onTestFinished(app.close)
  await app.pid()
  const watched = await watchedPage(browser)
  const { page, messages } = watched
  onTestFinished(() => page.context().close())
  await page.goto(app.url)
  await listeningForUpdates(watched)
  messages.length = 0

  await app.edit(2)
  await eventually(() => page.locator('h1').textContent()).toBe('version 2')
  await listeningForUpdates(watched)
  await mark(page)
  await app.project.write({ 'src/main.css': 'h1 { color: rgb(4, 5, 6) }\n' })
  const colour = () => page.locator('h1').evaluate((h1) => getComputedStyle(h1).color)
  await eventually(colour).toBe('rgb(4, 5, 6)')
  expect(await isMarked(page)).toBe(true)
})
