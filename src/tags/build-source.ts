// Tags of a build: plans become URLs and tag objects. Contract of the order: https://vite.dev/guide/backend-integration
import type { ConnectViteError } from '../errors.js'
import type { Build } from '../manifest/build.js'
import { isLoadable } from '../manifest/kinds.js'
import { isLegacyChunk, polyfillsOf, twinOf } from '../manifest/legacy.js'
import { createLookup, spellingsOf } from '../manifest/lookup.js'
import { missingEntry } from '../manifest/missing-entry.js'
import type { CommonSettings } from '../options/types.js'
import { createAssetFinder } from './assets.js'
import { createDress } from './attributes.js'
import { baseAt, encodePath, isRelative } from './base.js'
import { importMapTag, systemMapTag } from './import-map-tag.js'
import { inlineTag } from './inline-tag.js'
import { computeIntegrity } from './integrity.js'
import { legacyTags } from './legacy-tags.js'
import { type EntryPlan, type Piece, planEntry, planPrefetch } from './plan.js'
import { recoverTag } from './recover.js'
import type { TagRequest, TagSource } from './source.js'
import { createTagMaker, type TagMaker, type Target } from './tag-maker.js'
import type { Tag } from './types.js'

/**
 * @throws ConnectViteError `ERR_OPTION` for attributes that HTML does not allow, `ERR_BUILD_INCOMPLETE` when
 * integrity is asked for and files cannot be read
 */
export function createBuildTagSource(build: Build, settings: CommonSettings): TagSource {
  const { chunks, base } = build
  const lookup = createLookup(chunks, base)
  const polyfills = polyfillsOf(chunks)
  const integrity = computeIntegrity(build, settings.integrity)
  const recover = settings.recover ? [recoverTag(chunks, settings.name)] : []
  const findAsset = createAssetFinder(build, settings)
  const dress = createDress(settings.attributes)

  const plans = new Map<string, EntryPlan>()
  const rules = { ...build, cssOrder: settings.cssOrder }
  function planOf(key: string): EntryPlan {
    const plan = plans.get(key) ?? planEntry(chunks, key, rules)
    plans.set(key, plan)
    return plan
  }

  function find(asked: string): string {
    const { key } = lookup.find(asked)
    if (key === undefined) throw missing(asked)
    return key
  }

  function missing(asked: string): ConnectViteError {
    const { manifest } = build
    return missingEntry({ asked, lookup, manifest, root: settings.root, base })
  }

  /** For SystemJS: plugin-legacy made it. */
  const isSystem = (key: string) => polyfills.legacy !== undefined && isLegacyChunk(key)
  const hasModern = lookup.entries.some((key) => !isSystem(key))

  function tags(entries: readonly string[], request: TagRequest, mount: string): Tag[] {
    const keys = entries.map(find)
    const url = urlsAt(mount)
    const make = createTagMaker(
      settings,
      request.attributes ? createDress(settings.attributes, request.attributes) : dress,
    )
    const plans = keys.filter((key) => !isSystem(key)).map(planOf)
    const each = (pieces: (plan: EntryPlan) => readonly Piece[], tag: (target: Target) => Tag[]) =>
      plans.flatMap((plan) =>
        pieces(plan).flatMap((piece) => tag(targetOf(piece, plan.entry, url))),
      )

    return [
      ...importMaps(mount, url),
      ...recover,
      ...modernPolyfills(make, url),
      ...each((plan) => plan.styles, make.style),
      ...each((plan) => plan.scripts, make.script),
      ...each((plan) => plan.preloads, make.preload),
      ...(request.prefetch ? each((plan) => planPrefetch(chunks, plan.entry), make.prefetch) : []),
      ...systemTags(keys, make, url),
    ]
  }

  function urlsAt(mount: string): (file: string) => string {
    const prefix = baseAt(base, mount)
    return (file) => prefix + encodePath(file)
  }

  function targetOf(
    { file, key, chunk }: Piece,
    entry: string,
    url: (file: string) => string,
  ): Target {
    return { url: url(file), src: chunk.src ?? key, chunk, entry, integrity: integrity.get(file) }
  }

  /** They run before any entry, and no entry names them. */
  function modernPolyfills(make: TagMaker, url: (file: string) => string): Tag[] {
    if (polyfills.modern === undefined) return []
    return planOf(polyfills.modern)
      .scripts.flatMap((piece) => make.script(targetOf(piece, piece.key, url)))
      .map((tag) => ({ ...tag, kind: 'page', onlyWithModules: true }))
  }

  function systemTags(
    keys: readonly string[],
    make: TagMaker,
    url: (file: string) => string,
  ): Tag[] {
    const system = keys.flatMap((key) => {
      const twin = isSystem(key) ? key : planOf(key).scripts.length > 0 && twinOf(chunks, key)
      return twin ? [chunks.get(twin)!.file] : []
    })
    const file = polyfills.legacy && chunks.get(polyfills.legacy)?.file
    const first = file && {
      url: url(file),
      fetching: make.fetching(url(file), integrity.get(file)),
    }
    return legacyTags(system.map(url), first || undefined, hasModern)
  }

  /** The one text here that grows with the build, so it is made once for each place of mounting. */
  const importMaps = remember((_mount, url: (file: string) => string): Tag[] => {
    if (!build.importMap) return []
    const context = { recordedBase: build.record?.base, url, integrity }
    const map = importMapTag(build.importMap, context)
    return polyfills.legacy === undefined ? [map] : [map, systemMapTag(map)]
  })

  function inline(path: string, mount: string): Tag[] {
    const key =
      lookup.find(path).key ?? spellingsOf(path, base).find((spelling) => chunks.has(spelling))
    const chunk = key === undefined ? undefined : chunks.get(key)
    if (!chunk || !isLoadable(chunk.file)) throw missing(path)
    const url = urlsAt(mount)
    return [...importMaps(mount, url), inlineTag(build, chunk.file, url(chunk.file))]
  }

  return {
    stable: true,
    relative: isRelative(base),
    tags,
    asset: (path, mount) => baseAt(base, mount) + findAsset(path),
    inline,
  }
}

/** Keeps the last answer: an app is mounted in one place, as a rule. */
function remember<T, Rest extends unknown[]>(make: (key: string, ...rest: Rest) => T) {
  let last: { key: string; value: T } | undefined
  return (key: string, ...rest: Rest): T => {
    if (last?.key !== key) last = { key, value: make(key, ...rest) }
    return last.value
  }
}
