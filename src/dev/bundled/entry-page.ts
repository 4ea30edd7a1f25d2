// Virtual HTML pages, one an entry: Vite's own HTML pipeline makes the tags, the preambles and the client of them.
import { posix } from 'node:path'
import { isHtml } from '../../inputs.js'
import { slashed } from '../../paths.js'
import { escapeAttribute } from '../../tags/html.js'

/** Below root, where no file is. Vite names the page that comes out by its path relative to root. */
const DIRECTORY = '.connect-vite'

/** Where the scripts of the entries are, below the base. */
const SCRIPTS = 'entries'

/** What an entry is called within the bundle. */
export interface EntryPage {
  /** The entry, relative to root: `src/main.ts`. */
  entry: string
  /** Id of the module that is the page. */
  id: string
  /** Name of the page in the output. */
  page: string
  /** Name of the script in the output. It stays the same through all builds. */
  script: string
}

export function pageOf(entry: string, root: string): EntryPage {
  const name = fileName(entry)
  // A page of the app's is its own entry.
  const page = isHtml(entry) ? entry : `${DIRECTORY}/${name}.html`
  return { entry, page, id: posix.join(slashed(root), page), script: `${SCRIPTS}/${name}.js` }
}

/** A page that loads this entry and has nothing else. */
export function htmlOf(entry: string, root: string): string {
  return `<!doctype html><html><head><script type="module" src="${escapeAttribute(specifier(entry, root))}"></script></head></html>`
}

/** As a page names it: from root, by the whole path where it lies outside, and a virtual module by its name. */
function specifier(entry: string, root: string): string {
  if (entry.startsWith('virtual:')) return entry
  return entry.startsWith('../') ? posix.join(slashed(root), entry) : `/${entry}`
}

/** Without what would lead out of the directory or could not stand in a URL's path or in a file's name. */
function fileName(entry: string): string {
  return entry
    .replace(/(^|\/)\.\.(?=\/)/g, '$1_up')
    .replace(/[^\w./@+-]/gu, (character) => `_${character.codePointAt(0)!.toString(16)}`)
}
