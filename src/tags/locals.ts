// What the middleware puts on res.locals, as types that Express's users see too.
import type { EntryName, TagOptions } from './types.js'

/** The functions that templates call; `name` puts another prefix in front of them. */
export interface ViteLocals {
  /**
   * Prints the tags of one or several entries; within one response a file is printed once.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`, `ERR_OPTION`
   */
  viteTags(entries: EntryName | readonly EntryName[], options?: TagOptions): string
  /**
   * The URL of a source file that the build emitted, or of a public file.
   *
   * @throws ConnectViteError `ERR_ASSET_NOT_FOUND`
   */
  viteAsset(path: string): string
  /**
   * The built file's text in a `<style>` or `<script type="module">`; in development the ordinary tags.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`
   */
  viteInline(path: string): string
}

declare global {
  namespace Express {
    interface Locals extends ViteLocals {}
  }
}
