// Rule for the URLs of an embedded Vite, by its files and its module graph. Vite must not see any other request.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isRead, originalUrl, type Request } from '../../http.js'
import { asksForDocument } from '../../navigation.js'
import { graphUrl } from '../client-environment.js'
import { isHidden, isInRepository, WELL_KNOWN } from '../hidden-paths.js'
import { belowBase, ENDPOINT, isCrooked, isNamed, pathOf, VITE_QUERY } from '../vite-urls.js'

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
  /** Whether Vite takes a file with this name for an asset: an image, a font, a PDF. */
  isAsset(path: string): boolean
}

/** The rule for one resolved Vite config. */
export interface EmbeddedUrls {
  /** Whether a request is Vite's. */
  isVites(req: Request): boolean
  /**
   * Whether a request that the app has nothing for can still be for a file that a plugin's middleware serves. Not for
   * files of `root`: whether those are Vite's is known.
   */
  mayBePlugins(req: Request): boolean
}

export function createEmbeddedUrls(settings: EmbeddedUrlSettings): EmbeddedUrls {
  const { base, root, publicDir, cacheDir, extensions, paths, inGraph, isAsset } = settings
  const cachePath = cacheDir.startsWith(`${root}/`) ? `${cacheDir.slice(root.length)}/` : undefined

  function isVites(req: Request): boolean {
    const target = originalUrl(req)
    const path = pathOf(target)
    if (path[0] !== '/' || target.includes('#')) return false
    const below = belowBase(path, base)
    const isImported = below !== undefined && isKnown(below + target.slice(path.length))
    if (!isImported && isCrooked(path)) return false
    if (isNamed(paths, target)) return true
    if (below === undefined || !isRead(req) || isInRepository(below)) return false
    if (!isImported && isHidden(below, root) && !isCached(below)) return false
    if (base !== '/') return isImported || !namesModule(below)
    if (asksForDocument(req)) return isFileToOpen(below)
    return isImported || isModuleOrFile(target, below)
  }

  /** What a link or the address bar opens: a public file, or an asset, as `viteAsset()` prints both. */
  function isFileToOpen(path: string): boolean {
    const segments = decodeSegments(path)
    return segments !== undefined && (isPublic(segments) || (isAsset(path) && isSource(segments)))
  }

  function isModuleOrFile(target: string, path: string): boolean {
    if (ENDPOINT.test(path) || isCached(path)) return true
    const segments = decodeSegments(path)
    if (!segments) return false
    if (isPublic(segments)) return true
    // Vite would answer `/api/users` with the source of `api/users.ts`: without an extension it is the app's.
    if (!segments.at(-1)?.includes('.') || segments[0] === WELL_KNOWN) return false
    return VITE_QUERY.test(target) || isSource(segments)
  }

  function mayBePlugins(req: Request): boolean {
    const target = originalUrl(req)
    const path = pathOf(target)
    if (base !== '/' || !isRead(req) || VITE_QUERY.test(target)) return false
    if (isCrooked(path) || isHidden(path, root) || isInRepository(path)) return false
    const segments = decodeSegments(path.replace(/\/$/, ''))
    return segments !== undefined && !isSource(segments) && !namesModule(path)
  }

  const isPublic = (segments: string[]) => publicDir !== '' && isFile(join(publicDir, ...segments))
  const isSource = (segments: string[]) => isFile(join(root, ...segments))
  const isCached = (path: string) => cachePath !== undefined && path.startsWith(cachePath)

  function isKnown(target: string): boolean {
    if (!ENCODED.test(target)) return inGraph(target)
    const url = graphUrl(target)
    return inGraph(decode(url, decodeURI) ?? url)
  }

  /** Whether Vite would take a route without an extension for a module of the app's server. */
  function namesModule(path: string): boolean {
    if (ENDPOINT.test(path)) return false
    const segments = decodeSegments(path)
    const last = segments?.at(-1)
    if (!segments || !last || last.includes('.')) return false
    const file = join(root, ...segments)
    return extensions.some((ext) => isFile(file + ext) || isFile(join(file, `index${ext}`)))
  }

  return { isVites, mayBePlugins }
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
