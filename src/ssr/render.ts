// ssr(): a template with what render() of a server entry returns at its outlet.
import {
  type Handler,
  isGone,
  mountPath,
  type Request as NodeRequest,
  type Response as NodeResponse,
  originalUrl,
} from '../http.js'
import { wantsRendering } from '../navigation.js'
import type { ResponseTags } from '../tags/response-tags.js'
import { answerOf, type RenderContext, renderOf } from './entry-exports.js'
import { handlerOf } from './handler.js'
import type { ServerModuleOptions, SsrHost } from './host.js'
import { pageUrl, send } from './page.js'
import { discard, isResponse, type Parts, partsOf } from './rendered.js'
import { sendBetween } from './stream.js'
import { createShell } from './template.js'
import { sendWebResponse } from './web-response.js'

/** Options of `ssr()`. */
export interface SsrOptions extends ServerModuleOptions {
  /** The HTML around what is rendered, relative to `root`. @default 'index.html' */
  template?: string
  /** What in the template is replaced. @default '<!--ssr-outlet-->' */
  outlet?: string
}

/** The tags of a response. */
export type PageOf = (req: NodeRequest, res: NodeResponse) => Pick<ResponseTags, 'has' | 'tags'>

export function createRenderer(
  host: SsrHost,
  pageOf: PageOf,
  entry: string,
  options: SsrOptions = {},
): Handler {
  const { template = 'index.html', outlet = '<!--ssr-outlet-->' } = options
  const openShell = host.pages.open(template, (html, file) => createShell(html, outlet, file))
  const openEntry = host.modules.open(entry, options)

  return handlerOf(host, {
    origin: entry,
    takes: wantsRendering,
    async answer(req, res) {
      const render = renderOf(await openEntry(), entry)
      const shell = await openShell(pageUrl(req), mountPath(req))
      const nonce = host.nonce(req, res)
      const page = pageOf(req, res)
      page.has(shell.keys)
      const asked = new Set<string>()
      const tags: RenderContext['tags'] = (entries, options) => {
        const printed = page.tags(entries, options, true)
        for (const entry of [entries].flat()) asked.add(entry)
        return printed
      }
      const { value: rendered } = await answerOf(() =>
        render(originalUrl(req), { req, res, nonce, tags }),
      )
      if (isResponse(rendered)) return sendWebResponse(res, rendered)
      // render() has answered by itself, with a redirect for example.
      if (res.writableEnded || (rendered === undefined && res.headersSent)) return
      const parts = partsOf(rendered, entry)
      if (isGone(res)) return discard(parts.html)
      setHead(res, parts)
      // A template call cannot wait, so the first page would lack what Vite has not transformed yet.
      const late = asked.size > 0 && host.pages.styled ? [...asked] : []
      if (late.length > 0) await host.pages.styled?.(late)
      const styles = late.length > 0 ? page.tags(late, { only: 'style' }, true) : ''
      const before = shell.before(parts.head + styles, nonce)
      const after = shell.after(nonce)
      if (typeof parts.html === 'string') send(req, res, Buffer.from(before + parts.html + after))
      else if (req.method === 'HEAD') endWithoutBody(res, parts)
      else await sendBetween(res, { before, source: parts.html, after })
    },
  })
}

function setHead(res: NodeResponse, { status, headers }: Parts): void {
  if (status !== undefined) res.statusCode = status
  if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', 'text/html; charset=utf-8')
  if (headers) setHeaders(res, headers instanceof Headers ? headers : Object.entries(headers))
}

function setHeaders(
  res: NodeResponse,
  headers: Iterable<[string, string | readonly string[]]>,
): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'set-cookie') res.appendHeader(name, value)
    // The template adds to what was rendered, so its length is not that of the page.
    else if (lower !== 'content-length' && lower !== 'transfer-encoding') res.setHeader(name, value)
  }
}

function endWithoutBody(res: NodeResponse, { html }: Parts): void {
  discard(html)
  res.end()
}
