// Error pages in a real browser: each comes back by itself once what is broken is mended.
import type { Browser } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

let project: Project
beforeEach(async () => {
  project = await createProject({
    'src/main.ts': "import './main.css'\ndocument.querySelector('h1')!.append(', Vite')\n",
    'src/main.css': 'h1 { color: rgb(1, 2, 3) }\n',
  })
  onTestFinished(project.remove)
})

/** An app with one page, under the strictest of policies. */
async function start() {
  const log: string[] = []
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    devServer: { config: { logLevel: 'silent' } },
    logger: { info() {}, warn() {}, error: (message) => void log.push(message) },
  })
  let requests = 0
  const app = await listen((req, res) => {
    requests++
    res.setHeader('Content-Security-Policy', "default-src 'none'")
    vite(req, res, (error) => {
      if (error || req.url !== '/') return res.writeHead(error ? 500 : 404).end(String(error))
      res.setHeader(
        'Content-Security-Policy',
        "default-src 'self'; style-src 'self' 'unsafe-inline'",
      )
      res.setHeader('Content-Type', 'text/html')
      res.end(`<!doctype html>${vite.tags('src/main.ts')}<h1>Hello</h1>`)
    })
  })
  onTestFinished(async () => {
    await vite.close()
    await app.close()
  })
  return { url: app.url, log, requests: () => requests }
}

describe.skipIf(!browser)('the page of a Vite that does not start', () => {
  it('shows the reason, also a new one, and becomes the page when it is fixed', async () => {
    await project.write({ 'vite.config.ts': 'export default {\n  base: [,\n}\n' })
    const { url, log } = await start()
    const { page, problems } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(url)
    const reason = () => page.locator('pre').textContent()
    expect(await reason()).toMatch(/vite\.config\.ts:3:\d+/)

    await project.write({ 'vite.config.ts': "throw new Error('<b>on purpose</b>')\n" })
    await eventually(reason).toContain('<b>on purpose</b>')
    await project.write({ 'vite.config.ts': 'export default {}\n' })
    await eventually(() => page.locator('h1').textContent()).toBe('Hello, Vite')
    expect(log).toHaveLength(2)
    expect(problems.filter((problem) => !problem.startsWith('status: 500'))).toEqual([])
  })

  it('does not reload while nothing changes, so that it can be read', async () => {
    await project.write({ 'vite.config.ts': 'export default {\n  base: [,\n}\n' })
    const { url, log, requests } = await start()
    const { page } = await watchedPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(url)
    await mark(page)
    const before = requests()
    await eventually(requests).toBeGreaterThan(before + 2)
    expect(await isMarked(page)).toBe(true)
    expect(log).toHaveLength(1)
  })
})
