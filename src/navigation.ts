// Navigations: does a request ask for a document, and may a page answer it? A page must not stand in for an asset.
import { type Handler, isRead, originalUrl, type Request } from './http.js'
import { mediaType } from './media-type.js'

/** Destinations that show a document (https://fetch.spec.whatwg.org/#concept-request-destination). */
const DOCUMENTS = new Set(['document', 'iframe', 'frame', 'fencedframe', 'object', 'embed'])
/** Types of what pages load. Others are too often the end of a name: `.me` is troff's. */
const ASSETS =
  /^(?:image|font|audio|video|model)\/|javascript|css|json|jsx|less|stylus|markdown|csv|wasm|plain|pdf|zip|\/xml|(?:rss|atom)\+xml/
/** The same, where no type is known. */
const MORE_ASSETS = /\.(?:ico|eot|tsx|vue|svelte|astro|scss|sass|styl|br|gz|zst)$/i
const HTML = /\b(?:text\/html|application\/xhtml\+xml)\b/i

/**
 * Whether a page may answer: GET or HEAD, for a document as far as the headers tell, and not for a file of
 * another type. A catch-all that answered a missing asset with HTML would hide the fault.
 */
export function isNavigation(req: Request): boolean {
  return isRead(req) && wanted(req) !== 'other' && !namesAnAsset(originalUrl(req))
}

/**
 * Whether page() answers: a navigation, or a request for the page by its name that may have HTML, such as
 * `fetch('/')` or the `cache.addAll(['/'])` of a service worker.
 */
export function wantsPage(req: Request, handler: Handler): boolean {
  if (isNavigation(req)) return true
  const { 'sec-fetch-dest': destination, accept } = req.headers
  const mayBeHtml = !accept || HTML.test(accept) || accept.includes('*/*')
  const mayBeDocument = destination === undefined || destination === 'empty'
  return isRead(req) && mayBeHtml && mayBeDocument && isNamed(req, handler)
}

/** Whether ssr() answers: a navigation, or any request for its route by name, which may render an image or a feed. */
export function wantsRendering(req: Request, handler: Handler): boolean {
  return isNavigation(req) || (isRead(req) && isNamed(req, handler))
}

/**
 * Whether the URL was written by the developer and not matched by a wildcard: the path of an Express route
 * (parameters too, for what is no file), or the very path that the handler is mounted on.
 */
function isNamed(req: Request, handler: Handler): boolean {
  if (pathOf(req.url ?? '/') === '/') return true
  // A route that has called next() stays on the request.
  if (!req.route?.stack?.some(({ handle }) => handle === handler)) return false
  const paths = [req.route.path].flat()
  // Regular expressions, and wildcards of Express 5 and 4.
  if (paths.some((path) => typeof path !== 'string' || /[*(]/.test(path))) return false
  return !String(paths).includes(':') || !namesAnAsset(originalUrl(req))
}

/** Whether the headers ask for a document for certain. A module of Vite's must not answer then. */
export function asksForDocument(req: Request): boolean {
  return wanted(req) === 'document'
}

/** Whether a browser shows the answer and may load it again. A form would be sent again. */
export function loadsDocument(req: Request): boolean {
  return req.method === 'GET' && asksForDocument(req)
}

/** What the headers ask for. It is open where a client accepts anything and sends no `Sec-Fetch-Dest`. */
function wanted({ headers }: Request): 'document' | 'other' | 'anything' {
  const destination = headers['sec-fetch-dest']
  const accept = headers.accept
  if (typeof destination === 'string' && destination !== 'empty')
    return DOCUMENTS.has(destination) ? 'document' : 'other'
  // fetch() in a browser says `empty`. It may ask for the HTML of a page, to show a part of it.
  if (accept && HTML.test(accept)) return destination === undefined ? 'document' : 'anything'
  // Otherwise it is an API call, which accepts anything too.
  const isOpen = destination === undefined && (!accept || accept.includes('*/*'))
  return isOpen ? 'anything' : 'other'
}

/** `/logo.png` and `/main.js` do; `/`, `/about.html`, `/users/john.doe` and `/v1.2` do not. */
function namesAnAsset(url: string): boolean {
  const path = pathOf(url)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return ASSETS.test(mediaType(name) ?? '') || MORE_ASSETS.test(name)
}

function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '')
}
