// Finds the module of a stylesheet link that Vite's client has renewed, for it spells the query differently.
import type { ViteDevServer } from 'vite'
import { clientModule, clientOf, graphUrl } from './client-environment.js'

/** A parameter without a value, as `URLSearchParams` writes it: `vue=` where the module's URL has `vue`. */
const EMPTY = /=(?=&|$)/g

/** The other spelling, if there is one. */
export function withoutEmptyValues(url: string): string | undefined {
  const bare = url.replace(EMPTY, '')
  return bare === url ? undefined : bare
}

/**
 * A single-file component's styles are modules such as `App.vue?vue&type=style&index=0&lang.scss`, and what
 * they are written in shows at the end. At an update the client asks for `…&lang.scss=&t=…`, for which Vite
 * would send the source.
 *
 * @param url as it was asked for, with the base
 */
export function spelledAsModule(vite: ViteDevServer, url: string): string {
  const bare = withoutEmptyValues(url)
  if (bare === undefined) return url
  const { base } = vite.config
  const isModule =
    bare.startsWith(base) && clientModule(clientOf(vite), graphUrl(`/${bare.slice(base.length)}`))
  return isModule ? bare : url
}
