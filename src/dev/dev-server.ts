// The interface between development mode and a Vite, embedded or external.
import type { Handler } from '../http.js'
import type { DevStylesheet } from '../tags/development-source.js'
import type { Tag } from '../tags/types.js'
import type { ViteAccess } from '../vite-types.js'

export interface DevServer extends ViteAccess {
  /** Vite's base as URLs carry it, `/` at the end; an absolute URL with `proxy: false`. Known once started. */
  readonly base: string
  /** What belongs to the page once: the client, and any plugin's preamble. Known once started. */
  readonly head: readonly Tag[]
  /** CSS reached from the entry's static imports, as far as it is known by now. Never waits. */
  stylesheets(entry: string): readonly DevStylesheet[]
  /** Answers what is Vite's, hands on everything else with `req.url` as it was. Called once started. */
  readonly handle: Handler
  close(): Promise<void>
}
