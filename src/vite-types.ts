// Vite's types in the public API, for projects with Vite and without; and what all rooms know of a running Vite.

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

/** A running Vite, as pages, server modules and the middleware know it. Members are read anew each time. */
export interface ViteAccess {
  /**
   * Resolves when requests can be answered and the page's tags are known. Started once; a failure is
   * forgotten, so that the next request tries again (a corrected `vite.config` needs no restart of the app).
   */
  start(): Promise<void>
  /** Whether {@link start} has succeeded and nothing has to be awaited. `false` again while Vite restarts. */
  readonly started: boolean
  /** The Vite inside this process, once started. */
  readonly vite: ViteDevServer | undefined
  /** The URL of an external Vite. */
  readonly url: string | undefined
  /**
   * The HTML that an external Vite makes of one of its pages, by its path below the base.
   *
   * @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE`, `ERR_ENTRY_NOT_FOUND`
   */
  readonly fetchHtml?: ((path: string) => Promise<string>) | undefined
}
