// The CSS that an entry reaches through static imports, so that the page has it before scripts run; and the
// endpoint by which an app asks an external Vite for it.
import { posix } from 'node:path'
import type { Connect, ViteDevServer } from 'vite'
import { configuredEntries } from '../inputs.js'
import type { DevStylesheet } from '../tags/development-source.js'
import {
  clientModule,
  clientOf,
  graphUrl,
  type ModuleNode,
  type Transformed,
} from './client-environment.js'
import { createEndpointCheck } from './host-check.js'

export interface StylesheetFinder {
  /** What is known by now; anything that is not yet is looked up in the background, for the next page. */
  find(entry: string): readonly DevStylesheet[]
  /** Resolves when all that these entries reach has been transformed once. Never rejects. */
  warm(entries: readonly string[]): Promise<void>
}

const STYLE = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/
/** These hand the text or the URL to JavaScript instead of putting it on the page. */
const NOT_ON_PAGE = /[?&](?:inline|url|raw)\b/
/** Pre-bundled dependencies and packages: their CSS arrives as separate modules. */
const PACKAGE = /^\/@(?!fs\/)|\/node_modules\//
/**
 * The text in the module that a stylesheet becomes. Taken from there, because asking for the text by itself
 * (`?direct`, `?inline`) would put a second module into the graph, which changes what an edit updates.
 * https://github.com/vitejs/vite/blob/main/packages/vite/src/node/plugins/css.ts
 */
const STYLE_TEXT = /^const __vite__css = (".*")$/m
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
  const texts = new WeakMap<ModuleNode, string>()

  /** As of the last transform that succeeded: while a stylesheet is broken, its last good rules stay. */
  function textOf(node: ModuleNode): string | undefined {
    const text = STYLE_TEXT.exec(node.transformResult?.code ?? '')?.[1]
    if (text !== undefined) texts.set(node, JSON.parse(text) as string)
    return texts.get(node)
  }

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
    let complete = isPackage(url) || node.transformResult !== null
    if (!isLeaf(url)) {
      for (const next of importsOf(node)) complete = walk(next, visit, met) && complete
    }
    visit(node)
    return complete
  }

  async function transform(url: string, met: Set<string>): Promise<void> {
    if (met.has(url) || isPackage(url)) return
    met.add(url)
    try {
      await client.transformRequest(url)
    } catch {
      return // the browser will ask for it too, and be told
    }
    const node = clientModule(client, url)
    if (node && !isLeaf(url)) await Promise.all(importsOf(node).map((next) => transform(next, met)))
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
      const complete = walk(url, (node) => {
        if (!isStyle(node.url) || !node.id || node.url === url) return
        const css = textOf(node)
        const href = base + encodeURI(node.url.slice(1))
        if (css !== undefined) sheets.push({ url: href, id: node.id, css })
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

function isPackage(url: string): boolean {
  return PACKAGE.test(url) && !STYLE.test(url)
}

/** What a stylesheet or a package imports is of no interest: its text has all of it. */
function isLeaf(url: string): boolean {
  return STYLE.test(url) || isPackage(url)
}

/** `src/main.ts`, `./src/main.ts`, `/src/main.ts` and the same with the base are one module. */
function toModuleUrl(entry: string, base: string, root: string): string {
  if (entry.startsWith('../')) return posix.join('/@fs/', root, entry)
  if (entry.startsWith(base)) return `/${entry.slice(base.length)}`
  return `/${entry.replace(/^(?:\.?\/)+/, '')}`
}

/** The URLs, as the module graph has them, that transformed code imports statically. */
export function staticImports(code: string, base: string): string[] {
  const urls = [...code.matchAll(STATIC_IMPORT)].map(([, , specifier = '']) => specifier)
  return urls
    .filter((url) => url.startsWith(base))
    .map((url) => graphUrl(`/${url.slice(base.length)}`))
}

/** Below the base. Vite uses `/@…` for what is its own, and no file has such a name. */
export const STYLESHEET_ENDPOINT = '@connect-vite/stylesheets'

/** The answer: stylesheets by entry, spelled as it was asked for. */
export type EntryStylesheets = Record<string, readonly DevStylesheet[]>

/**
 * Answers `?entry=src/main.ts&entry=…`, and without a query for `entries`, or else the inputs of the config.
 * It waits for the first transform of all that they reach, which the page is about to ask for anyway.
 */
export function createStylesheetEndpoint(
  vite: ViteDevServer,
  entries: () => Promise<string[]> = async () => configuredEntries(vite.config),
): Connect.NextHandleFunction {
  const path = `${vite.config.base}${STYLESHEET_ENDPOINT}`
  const finder = createStylesheetFinder(vite)
  const mayAsk = createEndpointCheck(vite.config)

  async function find(query: string): Promise<EntryStylesheets> {
    const asked = new URLSearchParams(query).getAll('entry')
    const wanted = asked.length > 0 ? asked : await entries()
    await finder.warm(wanted)
    return Object.fromEntries(wanted.map((entry) => [entry, finder.find(entry)]))
  }

  return function connectViteStylesheets(req, res, next) {
    const [pathname, query = ''] = (req.url ?? '').split('?', 2)
    if (pathname !== path || !mayAsk(req)) return next()
    find(query).then((found) => {
      res.setHeader('Content-Type', 'application/json')
      res.setHeader('Cache-Control', 'no-store')
      res.end(JSON.stringify(found))
    }, next)
  }
}
