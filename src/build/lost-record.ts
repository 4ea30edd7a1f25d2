// A build without the plugin's record: what its files say of the base, and whether `.vite/` was lost on the way.
import { readFileSync } from 'node:fs'
import type { Logger } from '../logger.js'
import { LOST_ON_THE_WAY } from './manifest.js'
import type { DirectoryFacts } from './server-files.js'

/** Enough to find an address in, and cheap while an app starts. */
const MOST_FILES = 12
const MOST_BYTES = 1024 * 1024

/** Warns where nothing records the base, and addresses in the built files begin with another one than `/`. */
export function warnOfLostBase(facts: DirectoryFacts, logger: Logger): void {
  if (facts.record !== undefined) return
  const base = builtBase(facts)
  if (base === undefined || base === '/') return
  logger.warn(
    `The files in ${facts.outDir} were built for the base ${base}, but no record confirms it and the option base is not set, so tags begin with "/". ` +
      `Set base: '${base}'. If you build with connect-vite/plugin, deploy the hidden directory .vite/ too. ${LOST_ON_THE_WAY}`,
  )
}

/** The base that stands before names of listed files, in HTML, stylesheets and scripts. */
function builtBase({ chunks, listed, scan: { files } }: DirectoryFacts): string | undefined {
  const entries = [...chunks.values()].filter(({ isEntry }) => isEntry).map(({ file }) => file)
  const pages = [...files.keys()].filter((file) => file.endsWith('.html'))
  const styles = [...listed].filter((file) => file.endsWith('.css'))
  for (const name of [...pages, ...styles, ...entries].slice(0, MOST_FILES)) {
    const file = files.get(name)
    if (file === undefined || file.size > MOST_BYTES) continue
    const base = baseIn(textOf(file.path), listed)
    if (base !== undefined) return base
  }
  return undefined
}

/** `"/app/assets/logo-BuPIv-2h.svg"`, and what Vite writes for dynamic imports: `return"/app/"+e`. */
const ADDRESS = /["'`(=]((?:https?:)?\/[^"'`()\s<>]*)/g

function baseIn(text: string, listed: ReadonlySet<string>): string | undefined {
  for (const [, address = ''] of text.matchAll(ADDRESS)) {
    for (let end = address.indexOf('/'); end >= 0; end = address.indexOf('/', end + 1)) {
      if (listed.has(address.slice(end + 1))) return address.slice(0, end + 1)
    }
  }
  return text.includes('modulepreload')
    ? /\breturn\s*["'`](\/[^"'`]*)["'`]\s*\+/.exec(text)?.[1]
    : undefined
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
