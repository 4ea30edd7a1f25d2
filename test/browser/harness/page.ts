// A page that remembers everything that went wrong on it.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'

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
  /** Everything that the console said. */
  messages: string[]
}

/** Opens a page of its own in `browser` that collects its problems. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  const messages: string[] = []
  page.on('console', (message) => {
    messages.push(message.text())
    // Bad answers are reported below, but not for the page itself: a 404 page is meant to be one.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(`console: ${message.text()}`)
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
  return { page, problems, messages }
}

/** `expect` that asks again until it holds. As long as the test may take: slow machines are not wrong. */
export function eventually<T>(value: () => T) {
  return expect.poll(value, { timeout: 30_000 })
}

/** Waits until Vite's client listens for updates: an edit before that would be lost. */
export async function listeningForUpdates({ messages }: WatchedPage): Promise<void> {
  await eventually(() => messages).toContain('[vite] connected.')
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
