// Tags in development and stub mode: what Vite puts on a page, then the URLs of the sources.
import { readdirSync } from 'node:fs'
import { dirname, posix, resolve } from 'node:path'
import { isScriptSource, isStylesheetSource } from '../build/kinds.js'
import { spellingsOf } from '../build/lookup.js'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
import { addToInput } from '../inputs.js'
import type { CommonSettings } from '../options/types.js'
import { slashed } from '../paths.js'
import { baseAt, encodePath, encodeUrl, isFullUrl, isRelative, splitSuffix } from '../urls.js'
import { escapeJson, escapeStyle } from './html.js'
import { nonceMeta } from './nonce.js'
import type { TagRequest, TagSource } from './source.js'
import { createTagMakers, type TagMaker, type Target } from './tag-maker.js'
import type { Tag } from './types.js'

/** A stylesheet that an entry reaches, so that the first paint is styled. */
export interface DevStylesheet {
  /** URL with the base in front. */
  url: string
  /** Vite's module id, for `data-vite-dev-id`: the client adopts the element instead of adding another. */
  id: string
  /** The text that Vite made. */
  css: string
}

/** An entry in a bundle that Vite keeps in memory. */
export interface BundledEntry {
  /** The client, and what plugins add to a page. */
  readonly head: readonly Tag[]
  readonly styles: readonly DevStylesheet[]
  readonly scripts: readonly string[]
  /** What the scripts import. */
  readonly preloads: readonly string[]
}

/** Bundled development, where no module is served by itself. */
export interface DevelopmentBundle {
  /** Whether an external Vite has it. That takes nothing outside its base. */
  readonly isExternal?: boolean
  /** `undefined` while it is being added to the bundle. */
  find(entry: string): BundledEntry | undefined
  /** A script that waits for the bundle with the entry and loads what it has then. */
  scriptUrl(entry: string): string
  /** The text of a stylesheet that is an entry. */
  styleUrl(entry: string): string
}

/** Where the tags come from at the moment. */
export interface DevelopmentHost {
  /** Whether the answers never change. */
  readonly stable: boolean
  /** The base in its one form, see `baseOf()`. */
  base(): string
  /** The client and any plugin's preamble. */
  head(): readonly Tag[]
  /** CSS that an entry reaches, as far as it is known. */
  stylesheets(entry: string): readonly DevStylesheet[]
  /** In bundled development. */
  bundle?(): DevelopmentBundle | undefined
  /** Whether the config names the file as an input. */
  isInput?(entry: string): boolean
  /** Hears of each file that a call has named, its path relative to root: a build may lack it. */
  noteUse?(kind: 'entry' | 'asset', path: string): void
  /** Whether a file exists, by its path relative to root. */
  exists(path: string): boolean
}

/** @throws ConnectViteError `ERR_OPTION` for attributes that HTML does not allow */
export function createDevelopmentTagSource(
  host: DevelopmentHost,
  settings: CommonSettings,
): TagSource {
  const makeFor = createTagMakers(settings)

  function tags(entries: readonly string[], request: TagRequest, mount: string): Tag[] {
    const make = makeFor(request.attributes)
    const bundle = host.bundle?.()
    if (bundle) {
      const isLazy = (entry: string) => request.rendered === true && !host.isInput?.(entry)
      return bundledTags(bundle, entries.map(find), { make, mount, isLazy })
    }
    const pages = entries.map((asked) => {
      const entry = request.rendered && entries.length > 1 ? findOptional(asked) : find(asked)
      if (entry === undefined) return []
      const name = withoutQuery(entry)
      const url = urlOf(name, entry.slice(name.length), mount)
      const target = { url, src: entry, chunk: undefined, entry }
      if (isStylesheetSource(name)) return make.load('style', target)
      const styles = stylesOf(host.stylesheets(entry), target, make)
      const isLazy = request.rendered && !host.isInput?.(entry)
      return [...styles, ...make.load(isLazy ? 'preload' : 'script', target)]
    })
    return [...host.head().map(pageTag), ...pages.flat()]
  }

  /** The tags that Vite's bundle has for these entries; links that wait, for those that it does not have yet. */
  function bundledTags(
    bundle: DevelopmentBundle,
    entries: readonly string[],
    { make, mount, isLazy }: { make: TagMaker; mount: string; isLazy(entry: string): boolean },
  ): Tag[] {
    const heads: Tag[] = []
    const rest: Tag[] = []
    for (const entry of entries) {
      const target = { url: '', src: entry, chunk: undefined, entry }
      const found = bundle.find(entry)
      if (found) {
        const { head, styles, scripts, preloads } = found
        heads.push(...head.map(pageTag))
        rest.push(...stylesOf(styles, target, make))
        // The entry of the page brings the module itself.
        if (isLazy(entry)) continue
        for (const url of scripts) rest.push(...make.load('script', { ...target, url }))
        for (const url of preloads)
          rest.push(...make.load('preload', { ...target, url, src: undefined }))
      } else {
        rest.push(...make.load('style', { ...target, url: bundle.styleUrl(entry) }))
        rest.push(...make.load('script', { ...target, url: bundle.scriptUrl(entry) }))
      }
    }
    const isMapped = bundle.isExternal || mount !== '/'
    return [...(isMapped ? lazyMap(host.base()) : []), ...heads, ...rest]
  }

  /** The path relative to root that was meant, with its query. */
  function find(asked: string): string {
    const found = findOptional(asked)
    if (found === undefined) throw missingSource(asked, settings.root)
    if (withoutQuery(found).endsWith('.html')) throw pageIsNoEntry(asked, settings.root)
    host.noteUse?.('entry', withoutQuery(found))
    return found
  }

  function findOptional(asked: string): string | undefined {
    if (isVirtual(asked)) return asked
    // The base first: nothing but that can tell `/app/main.ts` under the base `/app/` from a folder `app`.
    const spellings = spellingsOf(asked, host.base()).reverse()
    return spellings.find((spelling) => spelling !== '' && host.exists(withoutQuery(spelling)))
  }

  /** The URL of a source file below root; one outside is reached through `/@fs/`, a virtual one through `/@id/`. */
  function urlOf(name: string, suffix: string, mount: string): string {
    const path = isVirtual(name) ? `@id/${name}` : outside(name)
    return baseAt(host.base(), mount) + encodePath(path) + encodeUrl(suffix)
  }

  function outside(path: string): string {
    // A slash after the base's would name a host.
    if (!path.startsWith('../')) return path.replace(/^\/+/, '')
    return `@fs/${slashed(resolve(settings.root, path)).replace(/^\//, '')}`
  }

  /** As in production, `#` begins a fragment, unless there is a file of that very name. */
  function asset(path: string, mount: string): string {
    const whole = spellingsOf(path, host.base()).at(-1)!
    const [name, suffix] = splitSuffix(whole)
    host.noteUse?.('asset', host.exists(name) || !host.exists(whole) ? name : whole)
    const bundle = host.bundle?.()
    if (bundle && host.exists(name)) {
      if (isStylesheetSource(name)) return bundle.styleUrl(name)
      if (isScriptSource(name)) return bundle.find(name)?.scripts[0] ?? bundle.scriptUrl(name)
    }
    return host.exists(name) || !host.exists(whole)
      ? urlOf(name, suffix, mount)
      : urlOf(whole, '', mount)
  }

  return {
    get stable() {
      return host.stable
    },
    get relative() {
      // Of a bundle, the way to lazy chunks does.
      return isRelative(host.base()) || host.bundle?.() !== undefined
    },
    tags,
    asset,
    inline: (path, mount) => tags([path], {}, mount),
  }
}

/** Vite's client (5 and later) adopts an element with the module's id, and updates it in place. */
function stylesOf(styles: readonly DevStylesheet[], target: Target, make: TagMaker): Tag[] {
  return styles.flatMap(({ url, id, css }) => {
    return make.element({ ...target, url, src: undefined }, id, escapeStyle(css))
  })
}

/**
 * Rolldown asks for lazily loaded chunks below the root of the server, with any base. Where the middleware is mounted
 * it never sees such a request.
 */
function lazyMap(base: string): Tag[] {
  // With `proxy: false` the base has the origin of the Vite, and so has what its modules import.
  const root = isFullUrl(base) ? new URL('/', base).href : '/'
  if (base === root) return []
  const map = { imports: { [`${root}@vite/`]: `${base}@vite/` } }
  return [
    {
      name: 'script',
      attributes: { type: 'importmap' },
      text: escapeJson(map),
      nonce: true,
      kind: 'page',
      key: 'page importmap of lazy chunks',
    },
  ]
}

/** `html.cspNonce` of the user's configuration adds a nonce meta too; it counts as ours, so that a page has one. */
function pageTag(tag: Tag): Tag {
  return tag.attributes.property === 'csp-nonce' ? { ...tag, key: nonceMeta.key } : tag
}

function isVirtual(path: string): boolean {
  return path.startsWith('virtual:')
}

function withoutQuery(path: string): string {
  return path.replace(/\?.*$/s, '')
}

/** Vite serves a page as HTML, which no script element can load. */
export function pageIsNoEntry(asked: string, root: string): ConnectViteError {
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `${JSON.stringify(asked)} is an HTML page, not a script or a stylesheet.`,
    lookedIn: root,
    likelyCause:
      'the page is a build input: a build knows its script by this name, a running Vite does not',
    remedy: `Name the script that the page loads, such as 'src/main.ts'. ${addToInput('that script')} Or send the page itself with page().`,
  })
}

export function missingSource(asked: string, root: string): ConnectViteError {
  const shown = JSON.stringify(asked.slice(0, 200))
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `There is no file ${shown} for an entry.`,
    didYouMean: neighbours(asked, root).map((name) => JSON.stringify(name)),
    lookedIn: root,
    likelyCause:
      "a wrong name, or root is not Vite's root; in development an entry is the path of a source file, not its name in `input`",
    remedy: "Write the path relative to root, such as 'src/main.ts', or set the option root.",
  })
}

/** Files with a name like that in the same directory. */
function neighbours(asked: string, root: string): string[] {
  if (asked.length > 200 || asked.includes('\0')) return []
  const path = asked.replace(/^(?:\.?\/)+/, '').replace(/\?.*$/s, '')
  const directory = posix.dirname(path)
  try {
    const names = readdirSync(dirname(resolve(root, path)))
    return nearest(posix.basename(path), names).map((name) => posix.join(directory, name))
  } catch {
    return []
  }
}
