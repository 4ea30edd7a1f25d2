// URL rules that hold for an embedded and an external Vite.

/** Vite's own endpoints below its base. */
export const ENDPOINT = /^\/(?:@|node_modules\/|__open-in-editor\b)/

/** The queries that mean something to Vite; a value (`?url=/home`) makes them the app's. */
export const VITE_QUERY =
  /[?&](?:import|direct|url|raw|inline|no-inline|init|worker|sharedworker|worker_file|html-proxy|vite-wasm-instance)=?(?:&|$)/

/** `devServer.paths`: whether one of them names this target. */
export function isNamed(paths: ReadonlyArray<string | RegExp>, target: string): boolean {
  return paths.some((path) =>
    typeof path === 'string' ? target.startsWith(path) : target.search(path) !== -1,
  )
}
