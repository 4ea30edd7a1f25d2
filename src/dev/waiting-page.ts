// The page that a browser gets while Vite does not start: the reason, and a reload when it is fixed.
import { createHash } from 'node:crypto'
import type { Request, Response } from '../http.js'
import type { Logger } from '../logger.js'
import { loadsDocument } from '../navigation.js'
import { escapeAttribute as escapeHtml } from '../tags/html.js'
import { answerPlainly } from './plain-answer.js'

/** `Accept` of the page's question whether Vite has started. */
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

export interface WaitingPage {
  /** Whether a request is the page's question whether Vite has started. */
  asks(req: Request): boolean
  /** Answers that question once `start` has settled. The page compares the reason with the one that it shows. */
  answer(res: Response, start: Promise<void>): void
  /**
   * Shows the reason to a browser, which reloads when Vite has started; the app's error page could not do that.
   *
   * @returns whether it was shown. Anything but a page is for the app's error handler.
   */
  show(error: Error, req: Request, res: Response): boolean
}

/** @param logger gets each reason once */
export function createWaitingPage(logger: Logger): WaitingPage {
  let logged: string | undefined

  return {
    asks: ({ method, headers }) => method === 'GET' && headers.accept === QUESTION,
    answer(res, start) {
      start.then(
        () => res.writeHead(204).end(),
        ({ message }: Error) => answerPlainly(res, { status: 500, message }),
      )
    },
    show({ message }, req, res) {
      if (!loadsDocument(req)) return false
      if (logged !== message) logger.error(message)
      logged = message
      res.writeHead(500, HEADERS).end(pageOf(message))
      return true
    },
  }
}

function pageOf(message: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Vite did not start</title>
<style>${style}</style>
<h1>Vite did not start</h1>
<pre>${escapeHtml(message)}</pre>
<p>This page reloads automatically when it is fixed.</p>
<script>${script}</script>
</html>
`
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
