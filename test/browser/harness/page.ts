// A page that remembers everything that went wrong on it.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

declare global {
  interface Window {
    /** Set by a test: gone after a reload. */
    mark?: string
  }
}

/** A page and its list of problems, which a good page keeps empty. */
export interface WatchedPage {
  page: Page
  /** Console errors, uncaught exceptions, CSP violations, failed requests and answers of 400 and up. */
  problems: string[]
}

/** Opens a page of its own in `browser` that collects its problems. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`))
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // A page that is left takes its open requests with it.
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()} ${reason}`)
  })
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest()
    if (response.status() >= 400 && !isPage)
      problems.push(`status: ${response.status()} ${response.url()}`)
  })
  // Report-only policies and violations inside shadow roots show here, not always on the console.
  await page.exposeFunction('reportViolation', (text: string) => problems.push(`csp: ${text}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = Reflect.get(window, 'reportViolation') as (text: string) => void
      report(`${event.effectiveDirective} blocked ${event.blockedURI} on ${event.documentURI}`)
    })
  })
  return { page, problems }
}

/** Marks the page, so that {@link isMarked} tells whether it is still the same document. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.mark = 'not reloaded'
  })
}

export function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => window.mark === 'not reloaded')
}
