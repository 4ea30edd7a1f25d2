// The stylesheets of entries from an external Vite. They are asked for beforehand, because templates cannot wait.
import type { DevStylesheet } from '../../tags/development-source.js'
import { STYLESHEET_ENDPOINT } from '../stylesheets.js'
import type { Answer } from './ask.js'

export interface ExternalStylesheets {
  /** As far as they are known. They are asked for again in the background, for the next page. */
  find(entry: string): readonly DevStylesheet[]
  /** Asks for those of these entries. Never rejects. */
  ask(entries: readonly string[]): Promise<void>
  /** Asks for those of the config's inputs, and whether there is such an endpoint. Never rejects. */
  learn(): Promise<void>
  /** The base has changed, and all URLs with it. */
  forget(): void
}

/** @param get asks the dev server for a path below its base */
export function createExternalStylesheets(
  get: (path: string) => Promise<Answer>,
): ExternalStylesheets {
  const known = new Map<string, readonly DevStylesheet[]>()
  const asking = new Set<string>()
  let answers = false

  async function ask(query: string): Promise<boolean> {
    try {
      const { status, contentType, body } = await get(STYLESHEET_ENDPOINT + query)
      if (status !== 200 || !contentType.startsWith('application/json')) return false
      for (const [entry, sheets] of entriesOf(JSON.parse(body))) known.set(entry, sheets)
      return true
    } catch {
      return false
    }
  }

  return {
    find(entry) {
      if (answers && !asking.has(entry)) {
        asking.add(entry)
        ask(`?entry=${encodeURIComponent(entry)}`).finally(() => asking.delete(entry))
      }
      return known.get(entry) ?? []
    },
    async ask(entries) {
      const query = entries.map((entry) => `entry=${encodeURIComponent(entry)}`).join('&')
      if (answers && entries.length > 0) await ask(`?${query}`)
    },
    async learn() {
      answers = await ask('')
      if (!answers) known.clear()
    },
    forget: () => known.clear(),
  }
}

/** Another version of the plugin may run there: an unknown form is left out. */
function entriesOf(found: unknown): [string, DevStylesheet[]][] {
  return Object.entries(found ?? {}).map(([entry, sheets]) => [
    entry,
    Array.isArray(sheets) ? sheets.filter(isStylesheet) : [],
  ])
}

function isStylesheet(value: unknown): value is DevStylesheet {
  const { url, id, css } = (value ?? {}) as Partial<DevStylesheet>
  return [url, id, css].every((part) => typeof part === 'string')
}
