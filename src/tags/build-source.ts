// Tags of a build, in the order of Vite's guide: https://vite.dev/guide/backend-integration

import { isLoadable, isScript, isStylesheet, isStylesheetSource } from '../build/kinds.js'
import type { Build } from '../build/load-build.js'
import { createLookup, spellingsOf } from '../build/lookup.js'
import { missingEntry } from '../build/missing-entry.js'
import type { ManifestChunk } from '../build/types.js'
import type { ConnectViteError } from '../errors.js'
import type { ProductionSettings } from '../options/types.js'
import { baseAt, encodePath, isRelative } from '../urls.js'
import { createAssetFinder } from './assets.js'
import { importMapTag, integrityMapTag, systemMapTag } from './import-map-tag.js'
import { readInline } from './inline.js'
import { computeIntegrity } from './integrity.js'
import { createLegacy } from './legacy-tags.js'
import { type EntryPlan, type Piece, planEntry, planPrefetch } from './plan.js'
import { recoverTag } from './recover.js'
import type { TagRequest, TagSource } from './source.js'
import { createTagMakers, type TagMaker, type Target } from './tag-maker.js'
import type { Tag, TagKind } from './types.js'

/**
 * @throws ConnectViteError `ERR_OPTION` for attributes that HTML does not allow, `ERR_BUILD_INCOMPLETE` when
 * integrity is asked for and files cannot be read
 */
export function createBuildTagSource(build: Build, settings: ProductionSettings): TagSource {
  const { chunks, base } = build
  const lookup = createLookup(chunks, base)
  const legacy = createLegacy(chunks, lookup.entries)
  const integrity = computeIntegrity(build, settings.integrity)
  const recover = settings.recover ? [recoverTag(chunks, settings.name)] : []
  const findAsset = createAssetFinder(build, settings)
  const makeFor = createTagMakers(settings)

  const plans = new Map<string, EntryPlan>()
  const rules = { ...build, cssOrder: settings.cssOrder, fonts: settings.fonts }
  function planOf(key: string): EntryPlan {
    const plan = plans.get(key) ?? planEntry(chunks, key, rules)
    plans.set(key, plan)
    return plan
  }

  const moduleFiles = new Set(
    [...chunks].flatMap(([key, { file }]) => (isScript(file) && !legacy.isSystem(key) ? file : [])),
  )
  const moduleIntegrity = new Map([...integrity].filter(([file]) => moduleFiles.has(file)))

  const sources = new Map([...chunks].map(([key, { file, src = key }]) => [file, src]))

  const polyfills = legacy.modernPolyfills ? planOf(legacy.modernPolyfills).script : []

  function find(asked: string): string {
    const { key } = lookup.find(asked)
    if (key === undefined) throw missing(asked)
    return key
  }

  /** Any chunk will do, since a component need not be an entry. */
  function renderedKeys(entries: readonly string[]): string[] {
    return entries.flatMap((asked) => {
      const found =
        lookup.find(asked).key ?? spellingsOf(asked, base).find((key) => chunks.has(key))
      if (found !== undefined) return found
      if (entries.length === 1) throw missing(asked)
      return []
    })
  }

  /** What is only loaded lazily must not run before something asks for it. */
  function preloaded(plan: EntryPlan): EntryPlan {
    if (chunks.get(plan.entry)?.isEntry) return plan
    const own = build.modulePreload ? plan.script : []
    return { ...plan, script: [], preload: [...own, ...plan.preload] }
  }

  function missing(asked: string): ConnectViteError {
    const { manifest } = build
    return missingEntry({ asked, lookup, manifest, root: settings.root, base })
  }

  function tags(entries: readonly string[], request: TagRequest, mount: string): Tag[] {
    const keys = request.rendered ? renderedKeys(entries) : entries.map(find)
    const planned = keys.filter((key) => !legacy.isSystem(key)).map(planOf)
    const plans = request.rendered ? planned.map(preloaded) : planned
    const url = urlsAt(mount)
    const make = makeFor(request.attributes)
    const load = (kind: TagKind) =>
      plans.flatMap((plan) =>
        plan[kind].flatMap((piece) => make.load(kind, targetOf(piece, plan.entry, url))),
      )
    const later =
      (request.prefetch ?? settings.prefetch)
        ? plans.flatMap(({ entry }) => planPrefetch(chunks, entry))
        : []
    const system = legacy.tags(keys, {
      url,
      attributes: (file) => make.fetching(url(file), integrity.get(file)),
    })

    return [
      ...pageTags(mount, url, make),
      ...load('style'),
      ...load('script'),
      ...plans.flatMap(({ font, entry }) =>
        font.flatMap((piece) => make.font(fontTarget(piece, entry, url))),
      ),
      ...load('preload'),
      ...later.flatMap(({ file }) => make.prefetch(url(file))),
      ...(system.length > 0 ? mapsAt(mount, url).systemMap : []),
      ...system,
    ]
  }

  function inline(path: string, mount: string): Tag[] {
    const key =
      lookup.find(path).key ?? spellingsOf(path, base).find((spelling) => chunks.has(spelling))
    const chunk = key === undefined ? undefined : chunks.get(key)
    if (key === undefined || !chunk || !isLoadable(chunk.file)) throw missing(path)
    const url = urlsAt(mount)
    const make = makeFor()
    const texts = ownFiles(key, chunk).flatMap((file) => {
      const target = targetOf({ file, key, chunk }, key, url)
      const kind = isStylesheet(file) ? 'style' : 'script'
      return make.inline(kind, target, readInline(build, file, target.url))
    })
    return [...pageTags(mount, url, make), ...texts]
  }

  /** What belongs to the page and has to stand before its first module. */
  function pageTags(mount: string, url: UrlOf, make: TagMaker): Tag[] {
    return [
      ...mapsAt(mount, url).importMap,
      ...recover,
      ...polyfills
        .flatMap((piece) => make.load('script', targetOf(piece, piece.key, url)))
        .map(forPage),
    ]
  }

  function urlsAt(mount: string): UrlOf {
    const prefix = baseAt(base, mount)
    return (file) => prefix + encodePath(file)
  }

  function targetOf({ file, key, chunk }: Piece, entry: string, url: UrlOf): Target {
    return { url: url(file), src: chunk.src ?? key, chunk, entry, integrity: integrity.get(file) }
  }

  /** The manifest names a font by its source; one that a plugin emits has none. */
  function fontTarget({ file, chunk }: Piece, entry: string, url: UrlOf): Target {
    return { url: url(file), src: sources.get(file), chunk, entry }
  }

  /** Whether a script imports what no tag of a page names. */
  const hasUntagged =
    !build.modulePreload ||
    settings.preload === 'header' ||
    settings.preload === false ||
    [...chunks.values()].some(({ dynamicImports = [] }) => dynamicImports.length > 0)

  /** The texts that grow with the build, so they are made once for each place of mounting. */
  const mapsAt = remember((_mount, url: UrlOf) => {
    const context = { recordedBase: build.record?.base, url, integrity: moduleIntegrity }
    const ofIntegrity = hasUntagged && moduleIntegrity.size > 0 ? [integrityMapTag(context)] : []
    return {
      importMap: build.importMap ? [importMapTag(build.importMap, context)] : ofIntegrity,
      systemMap: build.systemMap ? [systemMapTag(build.systemMap, context)] : [],
    }
  })

  return {
    stable: true,
    relative: isRelative(base),
    tags,
    asset: (path, mount) => baseAt(base, mount) + findAsset(path),
    inline,
  }
}

type UrlOf = (file: string) => string

/** The file itself; of a stylesheet that Vite 8 built as a script, its CSS. */
function ownFiles(key: string, { file, css = [] }: ManifestChunk): readonly string[] {
  return isStylesheetSource(key) && !isStylesheet(file) && css.length > 0 ? css : [file]
}

/** A script that comes with the first module, and not before. */
function forPage(tag: Tag): Tag {
  return { ...tag, kind: 'page', onlyWithModules: true }
}

/** Keeps the last answer: an app is mounted in one place, as a rule. */
function remember<T, Rest extends unknown[]>(make: (key: string, ...rest: Rest) => T) {
  let last: { key: string; value: T } | undefined
  return (key: string, ...rest: Rest): T => {
    if (last?.key !== key) last = { key, value: make(key, ...rest) }
    return last.value
  }
}
