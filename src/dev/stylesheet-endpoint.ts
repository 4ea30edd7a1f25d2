// Lets an app elsewhere ask a running `vite` which stylesheets its entries reach: only the module graph knows.
import type { Connect, ViteDevServer } from 'vite'
import { configuredEntries } from '../inputs.js'
import type { DevStylesheet } from '../tags/development-source.js'
import { createStylesheetFinder } from './stylesheets.js'

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

  async function find(query: string): Promise<EntryStylesheets> {
    const asked = new URLSearchParams(query).getAll('entry')
    const wanted = asked.length > 0 ? asked : await entries()
    await finder.warm(wanted)
    return Object.fromEntries(wanted.map((entry) => [entry, finder.find(entry)]))
  }

  return function connectViteStylesheets(req, res, next) {
    const [pathname, query = ''] = (req.url ?? '').split('?', 2)
    if (pathname !== path) return next()
    find(query).then((found) => {
      res.setHeader('Content-Type', 'application/json')
      res.setHeader('Cache-Control', 'no-store')
      res.end(JSON.stringify(found))
    }, next)
  }
}
