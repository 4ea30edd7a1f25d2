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

/** Whether a path names an asset. WebAssembly, which Vite does not count among them, is a module by its query alone. */
export function isAssetPath({ assetsInclude }: ViteDevServer['config'], path: string): boolean {
  return assetsInclude(path) || path.endsWith('.wasm')
}
