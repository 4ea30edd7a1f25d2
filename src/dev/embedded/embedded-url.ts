// Rule for the URLs of an embedded Vite, by its files and its module graph. Vite must not see any other request.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isRead, originalUrl, type Request } from '../../http.js'
import { asksForDocument } from '../../navigation.js'
import { graphUrl } from '../client-environment.js'
import { ENDPOINT, isNamed, VITE_QUERY } from '../vite-urls.js'

export interface EmbeddedUrlSettings {
  /** Vite's resolved base: a path with a slash at both ends. */
  base: string
  root: string
  /** Empty where there is none. */
  publicDir: string
  /** Where pre-bundled dependencies lie. */
  cacheDir: string
  /** `resolve.extensions`: what Vite tries after a path that has no extension. */
  extensions: readonly string[]
  /** `devServer.paths`: what the app hands to Vite besides. */
  paths: ReadonlyArray<string | RegExp>
  /** Whether the browser's module graph has this URL (as `graphUrl` writes it, decoded, below the base). */
  inGraph(url: string): boolean
}

/** Paths that no browser sends and no importer writes: dot segments, backslashes, NUL, an empty first segment. */
const CROOKED = /\/(?:\.|%2e){1,2}(?:\/|$)|\\|%5c|%00|^\/\//i

/** Builds the rule for one resolved Vite config. */
export function createEmbeddedUrl(settings: EmbeddedUrlSettings): (req: Request) => boolean {
  const { base, root, publicDir, cacheDir, extensions, paths, inGraph } = settings
  const cachePath = cacheDir.startsWith(`${root}/`) ? `${cacheDir.slice(root.length)}/` : undefined

  return function isViteUrl(req) {
    const target = originalUrl(req)
    const path = withoutQuery(target)
    if (path[0] !== '/' || target.includes('#') || CROOKED.test(path)) return false
    if (isNamed(paths, target)) return true
    if (!isRead(req)) return false
    if (base !== '/') return path.startsWith(base) && !namesModuleWithoutExtension(path)
    return !asksForDocument(req) && isModuleOrFile(target, path)
  }

  function isModuleOrFile(target: string, path: string): boolean {
    if (ENDPOINT.test(path) || (cachePath && path.startsWith(cachePath))) return true
    if (isKnown(target)) return true
    const segments = decodeSegments(path)
    if (!segments || isHidden(segments)) return false
    if (publicDir && isFile(join(publicDir, ...segments))) return true
    // Vite would answer `/api/users` with the source of `api/users.ts`: without an extension it is the app's.
    if (!segments.at(-1)?.includes('.') || segments[0] === WELL_KNOWN) return false
    return VITE_QUERY.test(target) || isFile(join(root, ...segments))
  }

  function isKnown(target: string): boolean {
    if (!ENCODED.test(target)) return inGraph(target)
    const url = graphUrl(target)
    return inGraph(decode(url, decodeURI) ?? url)
  }

  /** Below a base everything is Vite's, except a route that Vite would take for a module of the app's server. */
  function namesModuleWithoutExtension(path: string): boolean {
    const below = `/${path.slice(base.length)}`
    if (ENDPOINT.test(below) || isKnown(below)) return false
    const segments = decodeSegments(below)
    const last = segments?.at(-1)
    if (!segments || !last || last.includes('.')) return false
    const file = join(root, ...segments)
    return extensions.some((ext) => isFile(file + ext) || isFile(join(file, `index${ext}`)))
  }
}

function withoutQuery(target: string): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/** The one directory with a dot that is meant for the public (RFC 8615). */
const WELL_KNOWN = '.well-known'

/** A dotfile is never asked for, unless a module imports it. */
function isHidden([first, ...rest]: readonly string[]): boolean {
  return (first?.[0] === '.' && first !== WELL_KNOWN) || rest.some((name) => name[0] === '.')
}

/** Characters by which a target can differ from the module's URL. */
const ENCODED = /[?%]/

/** One name a segment, or nothing when one is empty, hides a separator or is not UTF-8. */
function decodeSegments(path: string): string[] | undefined {
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => decode(segment, decodeURIComponent))
  return segments.every((name) => name && !name.includes('/')) ? (segments as string[]) : undefined
}

function decode(text: string, how: (text: string) => string): string | undefined {
  try {
    return how(text)
  } catch {
    return undefined
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return false // a name that is too long, a directory that may not be read
  }
}
