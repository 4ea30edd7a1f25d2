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
 * Layout engines such as express-handlebars render the view before the layout, so the first call need not be the
 * first on the page. What belongs to the page is therefore repeated by every call that needs it: a browser runs
 * it once. Only the import map, which can be large, is left to the first call, and to one that asks for it.
 *
 * @param all every tag of the entries, in printing order
 * @param printed keys of what the page has
 */
export function select(
  all: readonly Tag[],
  call: Pick<Call, 'only' | 'preload' | 'page'>,
  printed: ReadonlySet<string>,
  hasNonce: boolean,
): Addition {
  const asked = all.filter((tag) => isAsked(tag, call.only))
  const inHtml = call.preload === 'tag' || call.preload === 'both'
  const keys = new Set<string>()
  const onPage = (key: string) => printed.has(key) || keys.has(key)

  const files = asked.filter((tag) => {
    if (tag.kind === 'page') return false
    if ((tag.kind === 'preload' || tag.kind === 'font') && !inHtml) return false
    if (onPage(tag.key) || tag.unless?.some(onPage)) return false
    keys.add(tag.key)
    return true
  })
  const withModules = files.some(({ kind }) => kind === 'script' || kind === 'preload')
  const ofPage = new Map<string, Tag>()
  for (const tag of asked) {
    if (tag.kind !== 'page' || call.page === false || (tag.onlyWithNonce && !hasNonce)) continue
    const isNeeded = tag.onlyWithModules ? withModules : files.length > 0
    const isRepeated = tag.oncePerPage === true && onPage(tag.key)
    if (!ofPage.has(tag.key) && (call.page || (isNeeded && !isRepeated))) ofPage.set(tag.key, tag)
  }
  for (const { key, oncePerPage } of ofPage.values()) if (oncePerPage) keys.add(key)
  const chosen = new Set([...files, ...ofPage.values()])
  const tags = asked.filter((tag) => chosen.has(tag))

  const links = new Map<string, string>()
  if (call.preload === 'header' || call.preload === 'both') {
    // Older browsers refuse an import map once a module is under way, and a header is always first.
    const mapped = all.some(({ key }) => key === IMPORT_MAP_KEY)
    for (const tag of asked) {
      const key = `link ${tag.attributes.href ?? tag.attributes.src}`
      const isModule = tag.kind === 'script' || tag.kind === 'preload'
      const value = mapped && isModule ? undefined : linkValue(tag)
      if (value !== undefined && !onPage(key) && !links.has(key)) links.set(key, value)
    }
  }
  return { tags, links: [...links.values()], keys: [...keys, ...links.keys()] }
}

function isAsked({ kind }: Tag, only: Call['only']): boolean {
  if (only === undefined || kind === 'page') return true
  if (kind === 'prefetch' || kind === 'font') return only.includes('preload')
  if (kind === 'legacy') return only.includes('script')
  return only.includes(kind)
}
