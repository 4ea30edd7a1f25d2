// Finds the CSS that an entry reaches through static imports, so that the page can link it before scripts run.
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import type { ViteDevServer } from 'vite'
import type { DevStylesheet } from '../tags/development-source.js'
import {
  clientModule,
  clientOf,
  graphUrl,
  type ModuleNode,
  type Transformed,
} from './client-environment.js'

export interface StylesheetFinder {
  /** What is known by now; anything that is not yet is looked up in the background, for the next page. */
  find(entry: string): readonly DevStylesheet[]
  /** Resolves when all that these entries reach has been transformed once. Never rejects. */
  warm(entries: readonly string[]): Promise<void>
}

const STYLE = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/
/** These hand the text or the URL to JavaScript instead of putting it on the page. */
const NOT_ON_PAGE = /[?&](?:inline|url|raw)\b/
/** Pre-bundled dependencies and packages: their CSS arrives as modules of its own. */
const PACKAGE = /^\/@(?!fs\/)|\/node_modules\//
const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*(["'])([^"'\n]+)\1/g

/**
 * The graph itself does not tell static imports from dynamic ones (`staticImportedUrls` has both), the
 * transformed code does: Vite has written every specifier as a URL.
 */
export function createStylesheetFinder(vite: ViteDevServer): StylesheetFinder {
  const { base, root } = vite.config
  const client = clientOf(vite)
  const seen = new WeakMap<ModuleNode, { result: Transformed; imports: readonly string[] }>()
  const warming = new Map<string, Promise<void>>()

  /** As of the last transform: while a changed module waits for its next one, what it had is kept. */
  function importsOf(node: ModuleNode): readonly string[] {
    const result = node.transformResult
    if (result && seen.get(node)?.result !== result) {
      seen.set(node, { result, imports: staticImports(result.code, base) })
    }
    return seen.get(node)?.imports ?? []
  }

  /** Depth-first and post-order, as the browser will run the modules; `visit` says whether to go on. */
  function walk(url: string, visit: (node: ModuleNode) => void, met = new Set<string>()): boolean {
    if (met.has(url)) return true
    met.add(url)
    const node = clientModule(client, url)
    if (!node) return false
    let complete = isLeaf(url) || node.transformResult !== null
    if (!isLeaf(url)) {
      for (const next of importsOf(node)) complete = walk(next, visit, met) && complete
    }
    visit(node)
    return complete
  }

  async function transform(url: string, met: Set<string>): Promise<void> {
    if (met.has(url) || isLeaf(url)) return
    met.add(url)
    try {
      await client.transformRequest(url)
    } catch {
      return // the browser will ask for it too, and be told
    }
    const node = clientModule(client, url)
    if (node) await Promise.all(importsOf(node).map((next) => transform(next, met)))
  }

  function warm(entry: string): Promise<void> {
    const running = warming.get(entry)
    if (running) return running
    const started = transform(entry, new Set()).finally(() => warming.delete(entry))
    warming.set(entry, started)
    return started
  }

  return {
    find(entry) {
      const url = toModuleUrl(entry, base, root)
      const sheets: DevStylesheet[] = []
      const complete = walk(url, ({ url: found, id }) => {
        if (isStyle(found) && id && found !== url && isOfFile(id))
          sheets.push({ href: base + encodeURI(found.slice(1)), id })
      })
      if (!complete) void warm(url)
      return sheets
    },
    async warm(entries) {
      await Promise.all(entries.map((entry) => warm(toModuleUrl(entry, base, root))))
    },
  }
}

function isStyle(url: string): boolean {
  return STYLE.test(url) && !NOT_ON_PAGE.test(url)
}

/** A plugin that makes a stylesheet up renews it by itself, and does not know of a link. */
function isOfFile(id: string): boolean {
  return existsSync(id.replace(/\?.*$/s, ''))
}

function isLeaf(url: string): boolean {
  return STYLE.test(url) || PACKAGE.test(url)
}

/** `src/main.ts`, `./src/main.ts`, `/src/main.ts` and the same with the base are one module. */
function toModuleUrl(entry: string, base: string, root: string): string {
  if (entry.startsWith('../')) return posix.join('/@fs/', root, entry)
  if (entry.startsWith(base)) return `/${entry.slice(base.length)}`
  return `/${entry.replace(/^(?:\.?\/)+/, '')}`
}

function staticImports(code: string, base: string): string[] {
  const urls = [...code.matchAll(STATIC_IMPORT)].map(([, , specifier = '']) => specifier)
  return urls
    .filter((url) => url.startsWith(base))
    .map((url) => graphUrl(`/${url.slice(base.length)}`))
}
