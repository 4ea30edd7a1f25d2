// URL rules that hold for an embedded and an external Vite.
import type { ViteDevServer } from 'vite'

/** Vite's own endpoints below its base. */
export const ENDPOINT = /^\/(?:@|node_modules\/|__open-in-editor\b)/

/** The queries that mean something to Vite; a value (`?url=/home`) makes them the app's. */
export const VITE_QUERY =
  /[?&](?:import|direct|url|raw|inline|no-inline|init|worker|sharedworker|worker_file|html-proxy|vite-wasm-instance)=?(?:&|$)/

/** Dot segments, backslashes, NUL, empty segments, encoded separators: no browser sends such a path. */
const CROOKED = /\/(?:\.|%2e){1,2}(?:\/|$)|\\|%5c|%2f|%00|\/\//i

export function isCrooked(path: string): boolean {
  return CROOKED.test(path)
}

/** `devServer.paths`: whether one of them names this target. */
export function isNamed(paths: ReadonlyArray<string | RegExp>, target: string): boolean {
  return paths.some((path) =>
    typeof path === 'string' ? target.startsWith(path) : target.search(path) !== -1,
  )
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/** The path below the base, with a slash in front, if it is below it. */
export function belowBase(path: string, base: string): string | undefined {
  return path.startsWith(base) ? path.slice(base.length - 1) : undefined
}

/** Vite's prefixes for a file by its absolute path, and for the id of a module, which can be such a path. */
const BY_PATH = /^\/(?:@fs|@id(?:\/__x00__)?)(?=\/)/

/** The one directory with a dot that is meant for the public (RFC 8615). */
export const WELL_KNOWN = '.well-known'

/**
 * Whether a path names a dotfile, or a file in a directory with a dot: `/.env`, `/src/.cache/a.js`, `/@fs/app/.npmrc`.
 * Directories above `root` do not count, nor do those in `node_modules` (`.vite`, `.pnpm`), which browsers load from.
 *
 * @param path below Vite's base
 */
export function isHidden(path: string, root: string): boolean {
  const names = path.replace(BY_PATH, '').split('/').slice(1).map(decodeName)
  const above = path.startsWith('/@') ? sharedDepth(names, root.split('/').slice(1)) : 0
  const own = names.slice(above)
  const packages = own.indexOf('node_modules')
  return own.some((name, index) => {
    if (name[0] !== '.' || (index === 0 && name === WELL_KNOWN)) return false
    return packages === -1 || index < packages || index === own.length - 1
  })
}

/** Whether a path leads into a repository. Vite 5 does not deny that, and no module imports from there. */
export function isInRepository(path: string): boolean {
  return path.split('/').some((name) => decodeName(name).toLowerCase() === '.git')
}

/** How many directories two paths have in common. */
function sharedDepth(names: readonly string[], other: readonly string[]): number {
  const end = names.findIndex((name, index) => name !== other[index])
  return end === -1 ? names.length : end
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Whether a path names an asset. WebAssembly, which Vite does not count among them, is a module by its query alone. */
export function isAssetPath({ assetsInclude }: ViteDevServer['config'], path: string): boolean {
  return assetsInclude(path) || path.endsWith('.wasm')
}
