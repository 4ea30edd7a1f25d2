// The interface between a mode and the handlers of pages and server modules.
import type { Request as NodeRequest, Response as NodeResponse } from '../http.js'
import type { Logger } from '../logger.js'

/** The namespace of a server module. */
export type ServerModule = Record<string, unknown>

/** What a `fetch`-style handler is: a web request in, a web response out. */
export type FetchHandler = (request: Request) => Promise<Response>

/** Where a server module runs, and where its build is. */
export interface ServerModuleOptions {
  /** Vite's name of the environment. @default 'ssr' */
  environment?: string
  /**
   * Directory of the server build, relative to `root`; production only.
   *
   * @default what `connect-vite/plugin` recorded
   */
  outDir?: string
}

/** HTML entries, by their path relative to `root`. */
export interface Pages {
  /**
   * Opens an HTML entry. `compile` runs whenever there is new HTML: once in production (and after a
   * reload), for each request in development, where Vite's plugins may answer each URL differently. `mount`
   * is where relative URLs start from.
   */
  open<Page>(
    file: string,
    compile: (html: string, file: string) => Page,
  ): (url: string, mount: string) => Page | Promise<Page>
  /** In development: resolves when the styles of these modules are known. Without it they are. */
  styled?(modules: readonly string[]): Promise<unknown>
}

/** Modules that run on the server. */
export interface ServerModules {
  /**
   * Opens a server module. Production throws now when it is missing. In development the returned function
   * looks for the newest version each time, and throws then.
   */
  open(entry: string, options: ServerModuleOptions): () => Promise<ServerModule>
  /** As {@link open}, for a module that goes on working between requests: an edit disposes of the one before. */
  openHandler(entry: string, options: ServerModuleOptions): () => Promise<ServerModule>
  /** Opens a fetch handler; without an entry, that of the environment's one input. */
  openFetch(entry: string | undefined, options: ServerModuleOptions): FetchHandler
}

/** The treatment of errors on their way to `next()`. */
export interface Failures {
  /** Makes `error` fit for `next()`, and shows it where errors are shown. `origin` is the entry or page it belongs to. */
  failed(origin: string, error: Error, res: NodeResponse): Error
  /** `origin` has answered a request. */
  worked(origin: string): void
}

/** The part of a mode that pages and server modules need. */
export interface SsrHost {
  readonly pages: Pages
  readonly modules: ServerModules
  readonly failures: Failures
  readonly logger: Logger
  /** The page's nonce, already checked. */
  readonly nonce: (req: NodeRequest, res: NodeResponse) => string | undefined
}

export const DEFAULT_ENVIRONMENT = 'ssr'
