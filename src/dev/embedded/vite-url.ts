// Tells which requests are Vite's. Everything else belongs to the app, and Vite must not even see it.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { originalUrl, type Request } from '../../http.js'
import { graphUrl } from '../client-environment.js'

export interface OwnUrlSettings {
  /** Vite's resolved base: a path with a slash at both ends. */
  base: string
  root: string
  /** Empty where there is none. */
  publicDir: string
  /** Where pre-bundled dependencies lie. */
  cacheDir: string
  /** `resolve.extensions`: what Vite tries after a path that has no extension. */
  extensions: readonly string[]
  /** What the app says is Vite's too. */
  paths: ReadonlyArray<string | RegExp>
  /** Whether the browser's module graph has this URL (as `graphUrl` writes it, decoded, below the base). */
  inGraph(url: string): boolean
}

/** Vite's own endpoints below its base. */
export const ENDPOINT = /^\/(?:@|node_modules\/|__open-in-editor\b)/

/** The queries that mean something to Vite; a value (`?url=/home`) makes them the app's. */
export const VITE_QUERY =
  /[?&](?:import|direct|url|raw|inline|no-inline|init|worker|sharedworker|worker_file|html-proxy|vite-wasm-instance)=?(?:&|$)/

/** What no browser sends and no importer writes: dot segments, backslashes, NUL, an empty first segment. */
const CROOKED = /\/(?:\.|%2e){1,2}(?:\/|$)|\\|%5c|%00|^\/\//i

/** Where a browser puts what it navigates to. Vite's transform middleware has the same list. */
const DOCUMENTS = new Set<unknown>(['document', 'iframe', 'frame', 'fencedframe'])

/** Builds the rule for one resolved Vite config. */
export function createOwnUrl(settings: OwnUrlSettings): (req: Request) => boolean {
  const { base, root, publicDir, cacheDir, extensions, paths, inGraph } = settings
  const cachePath = cacheDir.startsWith(`${root}/`) ? `${cacheDir.slice(root.length)}/` : undefined

  return function isViteUrl(req) {
    const target = originalUrl(req)
    const path = withoutQuery(target)
    if (path[0] !== '/' || target.includes('#') || CROOKED.test(path)) return false
    if (paths.some((mine) => matches(mine, target))) return true
    if (req.method !== 'GET' && req.method !== 'HEAD') return false
    if (base !== '/') return path.startsWith(base) && !namesModuleWithoutExtension(path)
    return !isNavigation(req) && isModuleOrFile(target, path)
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

  /** Under a base everything is Vite's, except what it would mistake for a module of the app's server. */
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

export function matches(mine: string | RegExp, target: string): boolean {
  return typeof mine === 'string' ? target.startsWith(mine) : target.search(mine) !== -1
}

/** Without `Sec-Fetch-Dest` (plain HTTP on a name other than localhost) only a navigation asks for HTML. */
export function isNavigation({ headers }: Request): boolean {
  const dest = headers['sec-fetch-dest']
  return dest === undefined ? (headers.accept?.includes('text/html') ?? false) : DOCUMENTS.has(dest)
}

/** The one directory with a dot that is meant for the public (RFC 8615). */
const WELL_KNOWN = '.well-known'

/** A dotfile is never asked for, unless a module imports it. */
function isHidden([first, ...rest]: readonly string[]): boolean {
  return (first?.[0] === '.' && first !== WELL_KNOWN) || rest.some((name) => name[0] === '.')
}

/** A target that a module's URL may have been made into. */
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
