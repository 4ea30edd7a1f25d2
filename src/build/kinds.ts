// What a chunk is: an entry or not, a stylesheet, a script, or something that no tag can load.
import { mediaType } from '../media-type.js'
import type { ManifestChunk } from './types.js'

export function isEntry(chunk: ManifestChunk): boolean {
  return chunk.isEntry === true || chunk.isDynamicEntry === true
}

/** By file, never by key: Vite 8 gives a CSS entry a `.js` file when a CommonJS package imports it too. */
export function isStylesheet(file: string): boolean {
  return file.endsWith('.css')
}

/** What Vite compiles to CSS. */
const STYLESHEET_SOURCE = /\.(?:css|s[ac]ss|less|styl(?:us)?|p(?:ost)?css|sss)$/

/** Whether a source file, by its path without a query, is a stylesheet. */
export function isStylesheetSource(path: string): boolean {
  return STYLESHEET_SOURCE.test(path)
}

/** Whether a source file, by its path without a query, is a script or a component. In bundled development such a file is an entry. */
export function isScriptSource(path: string): boolean {
  return /\.(?:[cm]?[jt]sx?|vue|svelte|astro|marko)$/.test(path)
}

/** Names without a known extension count as scripts, since `entryFileNames` is free; images and fonts do not. */
export function isScript(file: string): boolean {
  const type = mediaType(file)
  return type === undefined || type === 'text/javascript'
}

/** Whether it is a web font. EOT is for browsers that know no preloads. */
export function isFont(file: string): boolean {
  return mediaType(file)?.startsWith('font/') ?? false
}

/** Whether a tag can load it: an image can be an input too, but it is no page's entry. */
export function isLoadable(file: string): boolean {
  return isStylesheet(file) || isScript(file)
}
