// What development mode needs from a Vite, be it embedded or somewhere else.
import type { ViteDevServer } from 'vite'
import type { Handler } from '../http.js'
import type { DevStylesheet } from '../tags/development-source.js'
import type { Tag } from '../tags/types.js'

export interface DevServer {
  /**
   * Resolves when requests can be answered and the page's tags are known. Started once; a failure is
   * forgotten, so that the next request tries again (a mended `vite.config` needs no restart of the app).
   */
  start(): Promise<void>
  /** Whether {@link start} has succeeded and nothing has to be awaited. */
  readonly started: boolean
  /** Vite's base as URLs carry it, `/` at the end; an absolute URL with `proxy: false`. Known once started. */
  readonly base: string
  /** What belongs to the page once: the client, and any plugin's preamble. Known once started. */
  readonly head: readonly Tag[]
  /** CSS reached from the entry's static imports, as far as it is known by now. Never waits. */
  stylesheets(entry: string): readonly DevStylesheet[]
  /** Answers what is Vite's, hands on everything else with `req.url` as it was. Called once started. */
  readonly handle: Handler
  /** The Vite inside this process. */
  readonly vite: ViteDevServer | undefined
  /** The Vite elsewhere. */
  readonly url: string | undefined
  /**
   * The HTML that a Vite elsewhere makes of one of its pages; an embedded one is asked directly.
   *
   * @throws ConnectViteError `ERR_DEV_SERVER_UNREACHABLE`, `ERR_ENTRY_NOT_FOUND`
   */
  readonly fetchHtml?: ((path: string) => Promise<string>) | undefined
  close(): Promise<void>
}
