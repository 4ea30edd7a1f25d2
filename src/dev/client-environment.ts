// The browser's side of a Vite server in one form: an environment since Vite 6, the server itself in Vite 5.
import type { ViteDevServer } from 'vite'

/** What a module was turned into. Vite makes a new object for every change. */
export interface Transformed {
  code: string
}

export interface ModuleNode {
  url: string
  id: string | null
  transformResult: Transformed | null
  /** Vite 5 alone, where one graph holds the modules of both sides. */
  ssrTransformResult?: object | null
  importers: Set<ModuleNode>
}

export interface ViteClient {
  moduleGraph: { urlToModuleMap: Map<string, ModuleNode> }
  transformRequest(url: string): Promise<Transformed | null>
}

/** Read anew each time: a restart of Vite replaces its environments. */
export function clientOf(vite: ViteDevServer): ViteClient {
  const { environments } = vite as { environments?: ViteDevServer['environments'] }
  return (environments?.client ?? vite) as unknown as ViteClient
}

/** The browser's module of this URL, if it is known by now. */
export function clientModule({ moduleGraph }: ViteClient, url: string): ModuleNode | undefined {
  const node = moduleGraph.urlToModuleMap.get(url)
  return node && !isServerOnly(node) ? node : undefined
}

function isServerOnly(node: ModuleNode): boolean {
  return Boolean(node.ssrTransformResult) && !node.transformResult
}

/** A request's or an import's URL as the module graph spells it: no timestamp, no mark of an import. */
export function graphUrl(url: string): string {
  return url
    .replace(/\bt=\d{13}&?\b/, '')
    .replace(/([?&])import=?(?:&|$)/, '$1')
    .replace(/[?&]$/, '')
}
