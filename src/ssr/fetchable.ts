// fetchable(): the request as a web Request, the web Response back.
import type { Handler, Request as NodeRequest, Response as NodeResponse } from '../http.js'
import { answerOf } from './entry-exports.js'
import { handlerOf } from './handler.js'
import { DEFAULT_ENVIRONMENT, type ServerModuleOptions, type SsrHost } from './host.js'
import { sendWebResponse } from './web-response.js'

/** Methods that a web `Request` refuses (https://fetch.spec.whatwg.org/#forbidden-method). */
const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Options of `fetchable()`. */
export type FetchableOptions = ServerModuleOptions

export function createFetchable(
  host: SsrHost,
  entry?: string,
  options: FetchableOptions = {},
): Handler {
  const dispatch = host.modules.openFetch(entry, options)

  return handlerOf(host, {
    origin: entry ?? `environment ${options.environment ?? DEFAULT_ENVIRONMENT}`,
    takes: isWebMethod,
    async answer(req, res) {
      const { toWebRequest } = await import('./web-request.js')
      const request = toWebRequest(req, res)
      if (!request) return refuse(res)
      const { value: response } = await answerOf(() => dispatch(request))
      await sendWebResponse(res, response)
    },
  })
}

function isWebMethod(req: NodeRequest): boolean {
  return !FORBIDDEN.has(req.method ?? 'GET')
}

/** No browser sends such a request, so there is nothing to explain. */
function refuse(res: NodeResponse): void {
  res.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
  res.end('Bad Request')
}
