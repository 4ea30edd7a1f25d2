// Tells which requests are those of a Vite elsewhere, whose files and module graph cannot be looked into.
import { originalUrl, type Request } from '../../http.js'
import { ENDPOINT, isNavigation, matches, VITE_QUERY } from '../embedded/vite-url.js'
import type { ForwardRules } from './forward-request.js'

/** A name with something behind a dot: a module, a style, an asset, a public file. */
const EXTENSION = /[^/]\.[^/.]+$/

/** `.env`, `.git/config`: nobody's modules. `.well-known/` may lie in the public directory. */
const DOTFILE = /\/\.[^./]/
const WELL_KNOWN = /^\/\.well-known(?=\/)/

const PAGE = /\.html?$/i

/** Scheme and authority of a target in absolute form, and what follows a `#`. Both are refused later, not missed here. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

/**
 * The rule for one base. Since files cannot be looked up, it is wider than the embedded one; what the dev
 * server has nothing for comes back to the app. The answer is what may come of it, or `undefined`: the app's.
 */
export function createForeignUrl(
  base: string,
  paths: ReadonlyArray<string | RegExp>,
): (req: Request) => ForwardRules | undefined {
  return function foreignUrl(req) {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined
    const target = originalUrl(req).replace(AUTHORITY, '')
    // A plugin's endpoint is named by hand, and its pages are meant.
    if (paths.some((mine) => matches(mine, target))) return { html: true, script: true }

    const [path = ''] = target.split(/[?#]/, 1)
    const below =
      base === '/' ? path : path.startsWith(base) ? path.slice(base.length - 1) : undefined
    if (below === undefined) return undefined
    const named = ENDPOINT.test(below) || VITE_QUERY.test(target) || EXTENSION.test(below)
    if (base === '/' && (!named || isNavigation(req) || isHidden(below))) return undefined
    return { html: PAGE.test(path), script: named }
  }
}

function isHidden(path: string): boolean {
  return DOTFILE.test(path.replace(WELL_KNOWN, '')) && !ENDPOINT.test(path)
}
