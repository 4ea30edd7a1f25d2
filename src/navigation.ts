// Does this request want a page? Only then may a catch-all answer with HTML; a missing asset must stay missing.
import { isRead, originalUrl, type Request } from './http.js'
import { mediaType } from './media-type.js'

/** Destinations that show a document (https://fetch.spec.whatwg.org/#concept-request-destination). */
const DOCUMENTS = new Set(['document', 'iframe', 'frame', 'fencedframe', 'object', 'embed'])
/** Types of what pages load. Others are too often the end of a name: `.me` is troff's. */
const ASSETS =
  /^(?:image|font|audio|video|model)\/|javascript|css|json|jsx|less|stylus|markdown|csv|wasm|plain|pdf|zip|\/xml|(?:rss|atom)\+xml/
/** The same, where no type is known. */
const MORE_ASSETS = /\.(?:ico|eot|tsx|vue|svelte|astro|scss|sass|styl|br|gz|zst)$/i
const HTML = /\b(?:text\/html|application\/xhtml\+xml)\b/i

/** GET or HEAD, for a document as far as the headers say, and not for a file of another type. */
export function isNavigation(req: Request): boolean {
  return isRead(req) && wantsDocument(req) && !namesAnAsset(originalUrl(req))
}

function wantsDocument({ headers }: Request): boolean {
  const destination = headers['sec-fetch-dest']
  const accept = headers.accept
  if (typeof destination === 'string' && destination !== 'empty') return DOCUMENTS.has(destination)
  if (accept !== undefined && HTML.test(accept)) return true
  // fetch() in a browser says `empty` and accepts anything: an API call, unless it asks for HTML.
  return destination === undefined && (accept === undefined || accept.includes('*/*'))
}

/** `/logo.png` and `/main.js` do; `/`, `/about.html`, `/users/john.doe` and `/v1.2` do not. */
function namesAnAsset(url: string): boolean {
  const path = url.replace(/[?#].*$/s, '')
  const name = path.slice(path.lastIndexOf('/') + 1)
  return ASSETS.test(mediaType(name) ?? '') || MORE_ASSETS.test(name)
}
