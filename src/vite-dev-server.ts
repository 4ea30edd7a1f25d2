// The one type of Vite that the public API names, for projects that have Vite and for those that have not.

// A server whose Vite is another package's, or that is compiled where only production is installed, has no types
// of Vite; with `skipLibCheck: false` that would be an error of ours. Here it never is one, so none can be expected.
// biome-ignore lint/suspicious/noTsIgnore: see above; and only a docblock gets into the declarations
/** @ts-ignore */
import type { ViteDevServer as Installed } from 'vite'

/**
 * Vite's own `ViteDevServer`, of the major that the project has. Where Vite is not installed there is none: the
 * compiler would take it for `any`, which has every key, and `devServer` would go unchecked.
 */
export type ViteDevServer = string extends keyof Installed ? never : Installed
