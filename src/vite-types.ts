// Vite's types in the public API, for projects with Vite and without.

// A server whose Vite is another package's, or that is compiled where only production is installed, has no types
// of Vite; with `skipLibCheck: false` that would be an error of ours. Here it never is one, so none can be expected.
// biome-ignore lint/suspicious/noTsIgnore: see above; and only a docblock gets into the declarations
/** @ts-ignore */
import type { InlineConfig as AnyConfig, ViteDevServer as AnyServer } from 'vite'

// Types that are not found count as `any`, which has every key; with it nothing of an option would be checked.

/** Vite's own `InlineConfig`, of the major that the project has. Without Vite: an object. */
export type InlineConfig = string extends keyof AnyConfig ? Record<string, unknown> : AnyConfig

/** Vite's own `ViteDevServer`, of the major that the project has. Without Vite: there is none. */
export type ViteDevServer = string extends keyof AnyServer ? never : AnyServer
