// Choice of the tags that a call prints: what it asked for, less what the page has.
import type { Call } from './call.js'
import { linkValue } from './link-header.js'
import type { Tag } from './types.js'

/** What one call adds to a page. */
export interface Addition {
  readonly tags: readonly Tag[]
  /** Values for the `Link` header. */
  readonly links: readonly string[]
  /** Keys that the page has afterwards besides those it had. */
  readonly keys: readonly string[]
}

/** The key of the import map, whichever build it belongs to. */
export const IMPORT_MAP_KEY = 'page importmap'

/**
 * @param all every tag of the entries, in printing order
 * @param printed keys of what the page has
 */
export function select(
  all: readonly Tag[],
  call: Pick<Call, 'only' | 'preload'>,
  printed: ReadonlySet<string>,
  hasNonce: boolean,
): Addition {
  const asked = all.filter((tag) => isAsked(tag, call.only))
  const inHtml = call.preload === 'tag' || call.preload === 'both'
  const keys = new Set<string>()
  const onPage = (key: string) => printed.has(key) || keys.has(key)

  const fresh = asked.filter((tag) => {
    if (tag.kind === 'preload' && !inHtml) return false
    if (tag.onlyWithNonce && !hasNonce) return false
    if (onPage(tag.key) || tag.unless?.some(onPage)) return false
    if (!tag.onlyWithModules) keys.add(tag.key)
    return true
  })
  const withModules = fresh.some(({ kind }) => kind === 'script' || kind === 'preload')
  const tags = fresh.filter((tag) => withModules || !tag.onlyWithModules)
  for (const { key } of tags) keys.add(key)

  const links = new Map<string, string>()
  if (call.preload === 'header' || call.preload === 'both') {
    // Older browsers refuse an import map once a module is under way, and a header is always first.
    const mapped = all.some(({ key }) => key === IMPORT_MAP_KEY)
    for (const tag of asked) {
      const key = `link ${tag.attributes.href ?? tag.attributes.src}`
      const value = mapped && tag.kind !== 'style' ? undefined : linkValue(tag)
      if (value !== undefined && !onPage(key) && !links.has(key)) links.set(key, value)
    }
  }
  return { tags, links: [...links.values()], keys: [...keys, ...links.keys()] }
}

function isAsked({ kind }: Tag, only: Call['only']): boolean {
  if (only === undefined || kind === 'page') return true
  if (kind === 'prefetch') return only.includes('preload')
  if (kind === 'legacy') return only.includes('script')
  return only.includes(kind)
}
