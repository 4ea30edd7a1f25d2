// The bundle in Vite's memory: kept as new as its sources, grown by the entries that templates ask for.
import { setInterval as every } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'
import { relativeTo } from '../../paths.js'
import { withStyles } from '../../tags/development-page.js'
import type {
  BundledEntry,
  DevelopmentBundle,
  DevStylesheet,
} from '../../tags/development-source.js'
import { scriptUrl, styleUrl } from '../bundled-urls.js'
import type { Sources } from './bundler-plugin.js'
import { pageOf } from './entry-page.js'
import { type PageTags, readPage, withScript } from './page-tags.js'
import type { BundledDev } from './vite-internals.js'

/** Milliseconds between two looks whether what was broken is right again. */
const LOOK_AGAIN = 100

export interface Bundle extends DevelopmentBundle {
  /** Resolves when what is printed and served is as new as the sources. Never rejects. */
  settle(): Promise<void>
  /** As {@link find}, after the build that adds the entry. `undefined` when that fails. */
  built(entry: string): Promise<BundledEntry | undefined>
  /** A page of the app's: built and with its styles, or, where that fails, `source` with the client that says why. */
  page(path: string, source: string): Promise<string>
  /** Whether Vite has an answer for this path below the base. */
  has(path: string): boolean
  /** Why there is no new bundle. */
  readonly error: Error | null
  /** A file was created: it may be what an import is missing. */
  created(file: string): void
  close(): void
}

export function createBundle(vite: ViteDevServer, internals: BundledDev, sources: Sources): Bundle {
  const { base } = vite.config
  const { memoryFiles, devEngine } = internals
  const { hot } = vite.environments.client
  const parsed = new Map<string, { html: string; tags: PageTags }>()
  const ended = new AbortController()
  let building: Promise<void> | undefined
  let isWaiting = false

  /** All that is asked for in one go comes with one build. */
  function rebuild(): Promise<void> {
    building ??= Promise.resolve()
      .then(() => internals.waitForInitialBuildFinish())
      .then(() => {
        building = undefined
        devEngine.triggerFullBuild()
        return finish()
      })
    return building
  }

  async function finish(): Promise<void> {
    await devEngine.ensureLatestBuildOutput()
  }

  async function settle(): Promise<void> {
    try {
      await internals.waitForInitialBuildFinish()
      const before = await devEngine.getBundleState()
      // After a failure nothing is built by itself: the cause may be a file that was not there.
      if (before.lastBuildErrored) await rebuild()
      else await finish()
      const { lastBuildErrored } = await devEngine.getBundleState()
      if (lastBuildErrored) void reloadWhenRight()
    } catch {
      // Vite closes or restarts meanwhile.
    }
  }

  /** A page that was printed from an old bundle, or without one, gets no update that would make it right. */
  async function reloadWhenRight(): Promise<void> {
    if (isWaiting) return
    isWaiting = true
    try {
      for await (const _ of every(LOOK_AGAIN, undefined, { ref: false, signal: ended.signal })) {
        if (!(await devEngine.getBundleState()).lastBuildErrored) break
      }
      hot.send({ type: 'full-reload', path: '*' })
    } catch {
      // It was closed.
    } finally {
      isWaiting = false
    }
  }

  function tagsOf(page: string): PageTags | undefined {
    const text = html(page)
    if (text === undefined) return undefined
    const known = parsed.get(page)
    if (known?.html === text) return known.tags
    const tags = readPage(
      text,
      (url) => url.startsWith(base) && sources.chunks.has(url.slice(base.length)),
    )
    parsed.set(page, { html: text, tags })
    return tags
  }

  function html(page: string): string | undefined {
    const source = memoryFiles.get(page)?.source
    return source === undefined || typeof source === 'string'
      ? source
      : Buffer.from(source).toString()
  }

  function stylesOf(entry: string): DevStylesheet[] {
    return (sources.stylesheets.get(entry) ?? []).map((id) => ({
      url: base + relativeTo(sources.root, id),
      id,
      css: sources.css.get(id) ?? '',
    }))
  }

  function find(entry: string): BundledEntry | undefined {
    const tags = tagsOf(pageOf(entry, sources.root).page)
    if (tags) return { ...tags, styles: stylesOf(entry) }
    if (!sources.inputs.includes(entry) && !sources.asked.has(entry)) {
      sources.asked.add(entry)
      rebuild().catch(() => {})
    }
    return undefined
  }

  async function built(entry: string): Promise<BundledEntry | undefined> {
    if (!find(entry)) await building?.catch(() => {})
    // A page that another process has sent did not wait for this.
    await settle()
    return find(entry)
  }

  return {
    settle,
    find,
    scriptUrl: (entry) => scriptUrl(base, entry),
    styleUrl: (entry) => styleUrl(base, entry),
    built,
    async page(path, source) {
      const found = await built(path)
      const text = html(path)
      return !found || text === undefined
        ? withScript(source, scriptUrl(base, path))
        : withStyles(text, found.styles)
    },
    has: (path) => memoryFiles.has(path),
    get error() {
      return internals.lastBuildError
    },
    created(file) {
      const named = [...sources.missing].some(
        (path) => file === path || file.startsWith(`${path}.`) || file.startsWith(`${path}/`),
      )
      if (named) void rebuild().then(reloadWhenRight, () => {})
    },
    close: () => ended.abort(),
  }
}
