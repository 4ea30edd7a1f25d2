// page(): an HTML entry, for single-page apps and sites of several pages.
import { etagOf, namesEtag } from '../etag.js'
import { type Handler, mountPath, type Request, type Response } from '../http.js'
import { wantsPage } from '../navigation.js'
import { handlerOf } from './handler.js'
import type { SsrHost } from './host.js'
import { type Printable, print, printable, scanHtml } from './template.js'

interface Page {
  html: Printable
  body: Buffer
  etag: string
}

export function createPage(host: SsrHost, file = 'index.html'): Handler {
  const open = host.pages.open(file, compile)

  return handlerOf(host, {
    origin: file,
    takes: wantsPage,
    async answer(req, res) {
      const page = await open(pageUrl(req), mountPath(req))
      const nonce = host.nonce(req, res)
      setDefault(res, 'Content-Type', 'text/html; charset=utf-8')
      setDefault(res, 'Cache-Control', 'no-cache')
      // With a nonce each body is another one. A 304 would bring a new CSP header to the old body.
      if (nonce !== undefined) return send(req, res, Buffer.from(print(page.html, nonce)))
      setDefault(res, 'ETag', page.etag)
      const held = req.headers['if-none-match']
      if (res.statusCode === 200 && held !== undefined && namesEtag(held, page.etag, 'weak'))
        notModified(res)
      else send(req, res, page.body)
    },
  })
}

function compile(html: string): Page {
  const body = Buffer.from(html)
  return { html: printable(scanHtml(html)), body, etag: etagOf(body) }
}

/** The URL for Vite's plugins: what looks like a host to a URL parser (`//x`) is a path here. */
export function pageUrl(req: Request): string {
  return (req.originalUrl ?? req.url ?? '/').replace(/^\/{2,}/, '/')
}

/** What the app has set wins. */
function setDefault(res: Response, name: string, value: string): void {
  if (!res.hasHeader(name)) res.setHeader(name, value)
}

function notModified(res: Response): void {
  res.statusCode = 304
  res.removeHeader('Content-Type')
  res.end()
}

export function send(req: Request, res: Response, body: Buffer): void {
  res.setHeader('Content-Length', body.length)
  res.end(req.method === 'HEAD' ? undefined : body)
}
