// Vite's types in the public API, for projects with Vite and without; and what all rooms know of a running Vite.

// Vite is no dependency: npm would keep even an optional peer in production. So a package manager that is strict, a
// server whose Vite is another package's, and a machine with production alone may have no types of it to find here.
// With `skipLibCheck: false` that would be an error of ours. Here it never is one, so none can be expected.
// biome-ignore lint/suspicious/noTsIgnore: see above; and only a docblock gets into the declarations
/** @ts-ignore */
import type {
  InlineConfig as AnyConfig,
  Plugin as AnyPlugin,
  ViteDevServer as AnyServer,
} from 'vite'

// Types that are not found count as `any`, which has every key; with it nothing of an option would be checked.

/** Vite's own `InlineConfig`, of the major that the project has. Where its types are not found: an object. */
export type InlineConfig = string extends keyof AnyConfig ? object : AnyConfig

/** Vite's own `Plugin`. Where its types are not found: what every plugin has. */
export type Plugin = string extends keyof AnyPlugin ? { name: string } : AnyPlugin

/** Vite's own `ViteDevServer`. Where its types are not found: the parts that most apps use. */
export type ViteDevServer = string extends keyof AnyServer ? AnyDevServer : AnyServer

interface AnyDevServer {
  readonly config: { readonly root: string; readonly base: string }
  transformIndexHtml(url: string, html: string): Promise<string>
  close(): Promise<void>
}

/** A stylesheet by Vite's id of the module, with the text that Vite made. */
export interface PageStyle {
  readonly id: string
  readonly css: string
}

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
  /** In bundled development: makes a page out of `source`, by its path below root. */
  readonly bundle?: { page?(path: string, source: string): Promise<string> } | undefined
  /** The stylesheets that module scripts of a page reach, by their URLs with the base, once they are known. */
  stylesOf?(scripts: readonly string[]): Promise<readonly PageStyle[]>
  /** The URL of an external Vite. */
  readonly url: string | undefined
  /**
   * The HTML that an external Vite makes of one of its pages, by its path below the base.
   *
   * @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE`, `ERR_ENTRY_NOT_FOUND`
   */
  readonly fetchHtml?: ((path: string) => Promise<string>) | undefined
}
