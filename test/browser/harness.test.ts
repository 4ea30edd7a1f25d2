// Proof that the browser harness sees what it claims to see, on a plain page without Vite.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.js'
import { eventually, isMarked, mark, watchedPage } from './harness/page.js'

const browser = await openBrowser()

const pages: Record<string, string> = {
  '/good': '<title>good</title><link rel="icon" href="data:,"><p>fine</p>',
  '/console': '<link rel="icon" href="data:,"><script nonce="n">console.error("broken")</script>',
  '/exception':
    '<link rel="icon" href="data:,"><script nonce="n">throw new Error("thrown")</script>',
  '/csp': '<link rel="icon" href="data:,"><script>document.title = "ran"</script>',
  '/missing': '<link rel="icon" href="data:,"><script nonce="n" src="/none.js"></script>',
}

describe.skipIf(!browser)('the browser harness', () => {
  let server: Server
  let origin: string

  beforeAll(async () => {
    server = createServer((req, res) => {
      const html = pages[req.url ?? '']
      res.writeHead(html === undefined ? 404 : 200, {
        'Content-Type': 'text/html',
        'Content-Security-Policy': "script-src 'nonce-n'",
      })
      res.end(`<!doctype html>${html ?? 'not found'}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    await browser?.close()
    server.close()
  })

  it('finds nothing wrong with a good page', async () => {
    const { page, problems } = await watchedPage(browser as Browser)
    await page.goto(`${origin}/good`)
    expect(await page.title()).toBe('good')
    expect(problems).toEqual([])
  })

  it.each([
    ['/console', /^console: broken/],
    ['/exception', /^exception: thrown/],
    ['/csp', /^csp: script-src-elem blocked inline/],
    ['/missing', /^status: 404 .*none\.js/],
  ])('reports what is wrong with %s', async (path, pattern) => {
    const { page, problems } = await watchedPage(browser as Browser)
    await page.goto(origin + path)
    await eventually(() => problems).toContainEqual(expect.stringMatching(pattern))
  })

  it('tells a reload from the same document', async () => {
    const { page } = await watchedPage(browser as Browser)
    await page.goto(`${origin}/good`)
    await mark(page)
    expect(await isMarked(page)).toBe(true)
    await page.reload()
    expect(await isMarked(page)).toBe(false)
  })
})
