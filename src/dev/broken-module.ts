// Why a module does not run in the browser: the first error among the modules that it imports statically.
import type { ErrorPayload, ViteDevServer } from 'vite'
import { type ModuleError, payloadOf } from '../module-error.js'
import { clientModule, clientOf, graphUrl } from './client-environment.js'
import { staticImports } from './stylesheets.js'

/** @param url path of a module that was asked for, with the base and the query that it was asked with */
export async function findBrokenModule(
  vite: ViteDevServer,
  url: string,
): Promise<ErrorPayload | undefined> {
  const { base } = vite.config
  if (!url.startsWith(base)) return undefined
  const start = graphUrl(decodeURI(`/${url.slice(base.length)}`))
  const client = clientOf(vite)
  const met = new Set([start])
  // The set grows while it is walked through: breadth first, so that the error nearest to the page is found.
  for (const current of met) {
    // Only what a page has asked for, or what such a module imports: the question starts nothing new.
    if (current === start && !clientModule(client, start)) return undefined
    try {
      const result = await client.transformRequest(current)
      if (result) for (const next of staticImports(result.code, base)) met.add(next)
    } catch (error) {
      if (!isOfVite(error)) return payloadOf(error as ModuleError)
    }
  }
  return undefined
}

/** With a code of Node's kind it is Vite's own: the file is gone, or the server is about to restart. */
function isOfVite(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('ERR_')
}
