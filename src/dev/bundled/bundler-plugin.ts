// What the bundler is told: which entries there are. And what it tells: their stylesheets, and what it did not find.
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Plugin, Rollup, ViteDevServer } from 'vite'
import { slashed } from '../../paths.js'
import { type EntryPage, htmlOf, pageOf } from './entry-page.js'

/** What is known of the sources; it grows with every build. */
export interface Sources {
  readonly root: string
  /** The inputs of the config, relative to root. */
  readonly inputs: readonly string[]
  /** Further entries, which templates have asked for. The next build has all of them that exist. */
  readonly asked: Set<string>
  /** Ids of the stylesheets that each entry reaches by static imports, in the order in which they run. */
  readonly stylesheets: Map<string, readonly string[]>
  /** The text of each stylesheet as of its last good transform. */
  readonly css: Map<string, string>
  /** Names of all scripts that there have been in the output. */
  readonly chunks: Set<string>
  /** Paths, perhaps without an extension, that imports name and nothing is at. */
  readonly missing: Set<string>
  /** Vite's watcher, once there is one. In this mode it does not watch the root. */
  watcher?: Pick<ViteDevServer['watcher'], 'add'>
}

export function createSources(
  root: string,
  inputs: readonly string[],
  asked: Set<string>,
): Sources {
  return {
    root,
    inputs,
    asked,
    stylesheets: new Map(),
    css: new Map(),
    chunks: new Set(),
    missing: new Set(),
  }
}

/** The one input that the bundler itself is given: entries come and go, and it wants one at least. */
const NOTHING = '\0connect-vite:nothing'

/** Vite turns each stylesheet into a module that has its text in this form. */
const STYLE_TEXT = /^const __vite__css = (".*")$/m

interface ModuleInfo {
  importedIds: readonly string[]
}

export function bundlerPlugin(sources: Sources): Plugin {
  const { root, inputs, asked, css, missing } = sources
  let pages = new Map<string, EntryPage>()

  /**
   * When the input is loaded everything is, too. In a build that only follows a change (`buildStart` is called for
   * that as well) entries must not come again: Rolldown 1.2 panics when a lazy chunk has been loaded.
   */
  function announce(context: Pick<Rollup.PluginContext, 'emitFile'>): void {
    const existing = [...new Set([...inputs, ...asked])].filter((entry) => exists(entry, root))
    const all = existing.map((entry) => pageOf(entry, root))
    pages = new Map(all.map((page) => [page.id, page]))
    missing.clear()
    for (const { id, script } of all) context.emitFile({ type: 'chunk', id, fileName: script })
  }

  return {
    name: 'connect-vite:bundler',
    enforce: 'post',
    options: (options) => ({ ...options, input: [NOTHING] }),
    // Entries that share a chunk would otherwise run parts of it before the client and the preambles.
    outputOptions: (options) => ({ ...options, strictExecutionOrder: true }),
    resolveId: {
      order: 'pre',
      handler: (id) => (id === NOTHING || pages.has(id) ? id : undefined),
    },
    load(id) {
      if (id === NOTHING) {
        announce(this)
        return ''
      }
      const page = pages.get(id)
      return page && page.page !== page.entry ? htmlOf(page.entry, root) : undefined
    },
    transform: {
      order: 'post',
      filter: { code: '__vite__css' },
      handler(code, id) {
        const text = STYLE_TEXT.exec(code)?.[1]
        if (text === undefined) return undefined
        css.set(id, JSON.parse(text) as string)
        return undefined
      },
    },
    generateBundle(_options, output) {
      for (const { type, fileName } of Object.values(output)) {
        if (type === 'chunk') sources.chunks.add(fileName)
      }
      const importsOf = remember(
        (id: string) => (this.getModuleInfo(id) as ModuleInfo | null)?.importedIds ?? [],
      )
      for (const { id, entry } of pages.values()) {
        const order = inOrder(id, importsOf)
        sources.stylesheets.set(
          entry,
          order.filter((module) => css.has(module)),
        )
      }
    },
  }
}

/** Notes what no other plugin and Vite itself cannot resolve, so that the file is noticed when it is created. */
export function missingPlugin(sources: Sources): Plugin {
  const { root, missing } = sources
  return {
    name: 'connect-vite:missing-imports',
    enforce: 'post',
    resolveId: {
      order: 'post',
      handler(id, importer) {
        if (!importer || !/^\.{0,2}\//.test(id)) return undefined
        const path = pathOf(id, importer, root)
        missing.add(path)
        sources.watcher?.add(dirname(path))
        return undefined
      },
    },
  }
}

function pathOf(id: string, importer: string, root: string): string {
  const bare = id.replace(/[?#].*$/s, '')
  if (bare.startsWith('/')) return slashed(join(root, bare))
  return slashed(resolve(dirname(importer), bare))
}

/** A virtual entry is left to the plugin that makes it. */
function exists(entry: string, root: string): boolean {
  if (entry.startsWith('virtual:')) return true
  const path = entry.replace(/\?.*$/s, '')
  return existsSync(isAbsolute(path) ? path : join(root, path))
}

/** Depth-first and post-order, as modules run. */
function inOrder(first: string, importsOf: (id: string) => readonly string[]): string[] {
  const met = new Set<string>()
  const order: string[] = []
  const visit = (id: string) => {
    if (met.has(id)) return
    met.add(id)
    for (const next of importsOf(id)) visit(next)
    order.push(id)
  }
  visit(first)
  return order
}

function remember<T>(ask: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>()
  return (id) => {
    const found = known.get(id) ?? ask(id)
    known.set(id, found)
    return found
  }
}
