// Rule for the URLs of an external Vite, whose files and module graph cannot be looked into.
import { isRead, originalUrl, type Request } from '../../http.js'
import { asksForDocument } from '../../navigation.js'
import { isHidden, isInRepository } from '../hidden-paths.js'
import { belowBase, ENDPOINT, isCrooked, isNamed, VITE_QUERY } from '../vite-urls.js'
import type { ForwardRules } from './forward-request.js'

/** A name with something behind a dot: a module, a style, an asset, a public file. */
const EXTENSION = /[^/]\.[^/.]+$/

/** Names that Vite compiles. Opened in the address bar they are the app's, as Vite's own sources are. */
const SOURCE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|marko|mdx|css|less|sass|scss|styl|stylus|pcss|postcss|sss)$/i

const PAGE = /\.html?$/i

/** Scheme and authority of a target in absolute form. Such a target is refused later, not missed here. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

export interface ExternalUrlSettings {
  /** The app's root, which is the server's too. */
  root: string
  /** Vite's base, as it is known now. */
  base(): string
  /** Whether a module imports this path. */
  isImported(path: string): boolean
  /** `devServer.paths` */
  paths: ReadonlyArray<string | RegExp>
}

/**
 * Since files cannot be looked up, the rule is wider than the embedded one: a request without an answer of the dev
 * server comes back to the app. `undefined` leaves the request to the app.
 */
export function createExternalUrl(
  settings: ExternalUrlSettings,
): (req: Request) => ForwardRules | undefined {
  const { root, paths } = settings
  return function rulesOf(req) {
    if (!isRead(req)) return undefined
    const target = originalUrl(req).replace(AUTHORITY, '')
    const [path = ''] = target.split(/[?#]/, 1)
    if (isCrooked(path)) return undefined
    // A plugin's endpoint is named by hand, and its pages are meant.
    if (isNamed(paths, target)) return { html: 'any', script: true }

    const base = settings.base()
    const below = belowBase(path, base)
    if (below === undefined || isInRepository(below)) return undefined
    if (isHidden(below, root) && (asksForDocument(req) || !settings.isImported(path)))
      return undefined
    const isFile = ENDPOINT.test(below) || VITE_QUERY.test(target) || EXTENSION.test(below)
    const html = PAGE.test(path) ? 'file' : 'none'
    if (base !== '/') return { html, script: isFile }
    if (!asksForDocument(req)) return isFile ? { html, script: true } : undefined
    const opensFile = EXTENSION.test(below) && !ENDPOINT.test(below) && !SOURCE.test(below)
    return opensFile ? { html, script: false, orPage: true } : undefined
  }
}
