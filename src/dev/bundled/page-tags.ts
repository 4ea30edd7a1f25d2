// Reads the tags of an entry from the page that Vite made of it.
import { intoHead } from '../../tags/development-page.js'
import { escapeAttribute } from '../../tags/html.js'
import type { Tag } from '../../tags/types.js'
import { parseHead } from '../head.js'

/** What a page of the entry needs, apart from its styles. */
export interface PageTags {
  /** What belongs to the page: the client, and what plugins add. */
  head: readonly Tag[]
  /** URLs of the entry's scripts. */
  scripts: readonly string[]
  /** URLs of the chunks that they import. */
  preloads: readonly string[]
}

/** `isChunk` tells the bundle's own scripts from the client and from those of plugins. */
export function readPage(html: string, isChunk: (url: string) => boolean): PageTags {
  const head: Tag[] = []
  const scripts: string[] = []
  const preloads: string[] = []
  for (const tag of parseHead(html)) {
    const { src, href, rel } = tag.attributes
    if (tag.name === 'script' && typeof src === 'string' && isChunk(src)) scripts.push(src)
    else if (rel === 'modulepreload' && typeof href === 'string') preloads.push(href)
    else head.push(tag)
  }
  return { head, scripts, preloads }
}

/** A page of the app's that could not be built: as it is written, with this script in place of its own. */
export function withScript(html: string, url: string): string {
  const bare = html.replace(/<script\b[^>]*\btype=["']?module\b[^>]*>.*?<\/script\s*>/gis, '')
  return intoHead(bare, `<script type="module" src="${escapeAttribute(url)}"></script>\n`)
}
