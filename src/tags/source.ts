// Interface between a mode and the tag printer: entries in, tag objects out. Synchronous, because templates are.
import type { Tag, TagOptions } from './types.js'

/** The part of a call that decides which tags there are. `only`, `preload` and the nonce are the printer's business. */
export interface TagRequest {
  readonly attributes?: TagOptions['attributes'] | undefined
  readonly prefetch?: boolean | undefined
  /**
   * What was rendered on the server: a module that is loaded lazily gets its styles and is preloaded, and is not run.
   * Of several names those without a chunk add nothing: the bundler has put them into another one.
   */
  readonly rendered?: boolean | undefined
}

export interface TagSource {
  /**
   * `true` when the same call always yields the same tags (a build, a stub), so that the printed
   * pieces may be kept. Development's change with the module graph.
   */
  readonly stable: boolean

  /** `true` when URLs depend on where the middleware is mounted: `base: './'`. */
  readonly relative: boolean

  /**
   * All tags of these entries in printing order, of every kind, as if nothing were on the page yet: the
   * printer drops what the page has and what the call did not ask for. `mount` is where the middleware is mounted (`'/'`, `'/sub/'`), for a relative base.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`
   */
  tags(entries: readonly string[], request: TagRequest, mount: string): readonly Tag[]

  /**
   * The URL of a source or public file.
   *
   * @throws ConnectViteError `ERR_ASSET_NOT_FOUND`
   */
  asset(path: string, mount: string): string

  /** The built file's text in its element; ordinary tags where there is no build. */
  inline(path: string, mount: string): readonly Tag[]
}
