// Rule for the URLs of an external Vite, whose files and module graph cannot be looked into.
import { isRead, originalUrl, type Request } from '../../http.js'
import { asksForDocument } from '../../navigation.js'
import { ENDPOINT, isNamed, VITE_QUERY } from '../vite-urls.js'
import type { ForwardRules } from './forward-request.js'

/** A name with something behind a dot: a module, a style, an asset, a public file. */
const EXTENSION = /[^/]\.[^/.]+$/

/** `.env`, `.git/config`. `.well-known/` may lie in the public directory. */
const DOTFILE = /\/\.[^./]/
const WELL_KNOWN = /^\/\.well-known(?=\/)/

const PAGE = /\.html?$/i

/** Scheme and authority of a target in absolute form. Such a target is refused later, not missed here. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

/**
 * Since files cannot be looked up, the rule is wider than the embedded one: a request without an answer of the dev
 * server comes back to the app. `undefined` leaves the request to the app.
 */
export function createExternalUrl(
  baseOf: () => string,
  paths: ReadonlyArray<string | RegExp>,
): (req: Request) => ForwardRules | undefined {
  return function rulesOf(req) {
    if (!isRead(req)) return undefined
    const target = originalUrl(req).replace(AUTHORITY, '')
    // A plugin's endpoint is named by hand, and its pages are meant.
    if (isNamed(paths, target)) return { html: true, script: true }

    const base = baseOf()
    const [path = ''] = target.split(/[?#]/, 1)
    const below =
      base === '/' ? path : path.startsWith(base) ? path.slice(base.length - 1) : undefined
    if (below === undefined) return undefined
    const isNamedFile = ENDPOINT.test(below) || VITE_QUERY.test(target) || EXTENSION.test(below)
    if (base === '/' && (!isNamedFile || asksForDocument(req) || isHidden(below))) return undefined
    return { html: PAGE.test(path), script: isNamedFile }
  }
}

function isHidden(path: string): boolean {
  return DOTFILE.test(path.replace(WELL_KNOWN, '')) && !ENDPOINT.test(path)
}
