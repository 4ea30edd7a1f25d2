// What a browser gets while Vite does not start: the reason, on a page that loads again by itself once it is mended.
import { createHash } from 'node:crypto'
import type { Request, Response } from '../http.js'
import { escapeAttribute as escapeHtml } from '../tags/html.js'
import { isNavigation } from './embedded/vite-url.js'
import { answerPlainly } from './plain-answer.js'

/** By this the page is known when it asks whether it still has to wait. */
const QUESTION = 'text/x-connect-vite-waiting'

const style = `body{margin:3rem auto;max-width:60rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}
pre{padding:1rem;overflow:auto;border-left:.25rem solid #d33;background:#8882;font:.9rem/1.5 ui-monospace,monospace}`

/** A reload each second would take selected text and the scroll position away, and fill the log. */
const script = `const shown = document.querySelector('pre').textContent.trim()
async function look() {
  const answer = document.hidden ? undefined : await fetch(location.href, { headers: { accept: '${QUESTION}' } }).catch(() => undefined)
  if (answer && (answer.ok || (await answer.text()).trim() !== shown)) location.reload()
  else setTimeout(look, 1000)
}
look()`

/** The app's own policy is for the app's pages. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; connect-src 'self'; script-src ${hashOf(script)}; style-src ${hashOf(style)}`,
  'X-Content-Type-Options': 'nosniff',
}

/** Whether the page asks, which is to be answered by {@link answerWaiting}. */
export function isWaiting({ headers }: Request): boolean {
  return headers.accept === QUESTION
}

/** With an error: it goes on waiting, or shows that the error is another one by now. */
export function answerWaiting(res: Response, error?: Error): void {
  if (error) answerPlainly(res, { status: 500, message: error.message })
  else res.writeHead(204).end()
}

/** Whether a request comes from somebody who looks at a page. A form would be sent again by a reload. */
export function canWait(req: Request): boolean {
  return req.method === 'GET' && isNavigation(req)
}

export function sendWaitingPage(res: Response, { message }: Error): void {
  res.writeHead(500, HEADERS).end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Vite did not start</title>
<style>${style}</style>
<h1>Vite did not start</h1>
<pre>${escapeHtml(message)}</pre>
<p>This page loads again by itself when it is mended.</p>
<script>${script}</script>
</html>
`)
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
