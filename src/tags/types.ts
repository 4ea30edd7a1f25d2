// Types of tags as data; html.ts makes a string of them at the end.
import type { ManifestChunk } from '../build/types.js'

/**
 * What a project tells the compiler about itself. `connect-vite/plugin` with `types: 'vite-entries.d.ts'`
 * writes the declaration that fills it in.
 *
 * @example
 * ```ts
 * declare module 'connect-vite' {
 *   interface Register {
 *     entries: 'src/main.ts' | 'src/admin.ts'
 *     assets: 'src/logo.svg' | 'robots.txt'
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with
export interface Register {}

/** What `viteTags()` takes as an entry: any string, until {@link Register} names them. */
export type EntryName = Register extends { entries: infer Entries extends string }
  ? Entries
  : string

/** The same file, with a leading slash, a query or a fragment. */
type Spellings<Path extends string> =
  | `${'' | '/'}${Path}`
  | `${'' | '/'}${Path}${'#' | '?'}${string}`

/** What `viteAsset()` takes: any string, until {@link Register} names the files. Entries are files of a build too. */
export type AssetName = Register extends { assets: infer Assets extends string }
  ? Spellings<Assets> | EntryName
  : string

/** `true` is a bare attribute; `false`, `null` and `undefined` drop it; `''` and `0` are kept. */
export type AttributeValue = string | number | boolean | null | undefined
export type Attributes = Readonly<Record<string, AttributeValue>>

export type CrossOrigin = 'anonymous' | 'use-credentials'
/** Where preloads are announced. */
export type PreloadPlace = 'tag' | 'header' | 'both' | false
/** The kinds that `attributes` and `only` speak of. */
export type TagKind = 'script' | 'style' | 'preload'

/** What the `attributes` function sees. */
export interface TagInfo {
  kind: TagKind
  /** Source file (manifest `src` or key), where known. */
  src: string | undefined
  /** The URL that the tag names. */
  url: string
  chunk: ManifestChunk | undefined
  /** The entry that was asked for, as its manifest key or source path. */
  entry: string
}

/** Attributes for a kind of tag, or a function that decides per tag. */
export type AttributeOption =
  | { script?: Attributes; style?: Attributes; preload?: Attributes }
  | ((tag: TagInfo) => Attributes | false | undefined)

/** What one call of `viteTags(entries, options)` may ask for. */
export interface TagOptions {
  /** Print these kinds alone. */
  only?: TagKind | readonly TagKind[]
  /** Laid over the `attributes` option. */
  attributes?: AttributeOption
  /** Instead of the `nonce` option. */
  nonce?: string
  preload?: PreloadPlace
  prefetch?: boolean
  /**
   * What belongs to the page: nonce meta, import map, and in development Vite's client. `true` prints all of it,
   * for a layout that is rendered after its view; `false` prints none of it.
   *
   * @default with every call that prints a script, a preload or in development a style; the import map with the first
   */
  page?: boolean
}

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
  viteAsset(path: AssetName): string
  /**
   * The built file's text in a `<style>` or `<script type="module">`; in development the ordinary tags.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`
   */
  viteInline(path: EntryName): string
}

declare global {
  namespace Express {
    interface Locals extends ViteLocals {}
  }
}

/** One element. The nonce is not an attribute here: it is put in when the page is known. */
export interface Tag {
  readonly name: 'script' | 'link' | 'meta' | 'style' | 'base' | 'noscript' | 'template' | 'title'
  readonly attributes: Attributes
  /** Raw text between the tags, already made safe for its element. */
  readonly text?: string | undefined
  /** Carries the page's nonce when there is one. */
  readonly nonce?: boolean | undefined
  /** Only printed when the page has a nonce (the csp-nonce meta). */
  readonly onlyWithNonce?: boolean | undefined
  /** Of the kind `page`: only printed by a call that also prints a script or a preload (import map, modern polyfills). */
  readonly onlyWithModules?: boolean | undefined
  /** Of the kind `page`: not repeated by later calls (import map, recover script). */
  readonly oncePerPage?: boolean | undefined
  /** Which kind it counts as; `page` is what belongs to the page (client, preamble, import map, …). */
  readonly kind: TagKind | 'page' | 'font' | 'prefetch' | 'legacy'
  /** Two tags with the same key are printed once a page: a role and a URL. */
  readonly key: string
  /** Not printed when the page has one of these keys: what is loaded needs no preload, what is preloaded no prefetch. */
  readonly unless?: readonly string[] | undefined
}
