// Tags for browsers without modules, in builds with @vitejs/plugin-legacy.
import { isStylesheet } from '../build/kinds.js'
import { isLegacyChunk, polyfillsOf, twinOf } from '../build/legacy.js'
import type { Chunks } from '../build/types.js'
import { escapeScript } from './html.js'
import type { Attributes, Tag } from './types.js'

/** The legacy side of a build; one that plugin-legacy had no part in has an empty one. */
export interface Legacy {
  /** Key of the polyfills that modern chunks need: they run before any entry, and no entry names them. */
  readonly modernPolyfills: string | undefined
  /** Whether an entry is for SystemJS alone. */
  isSystem(key: string): boolean
  /** The tags for browsers without modules, in the order in which they have to run. */
  tags(keys: readonly string[], fetching: Fetching): Tag[]
}

/** What is needed to load a file. */
export interface Fetching {
  url(file: string): string
  /** `crossorigin` and `integrity`. */
  attributes(file: string): Attributes
}

/**
 * @param entries keys of the entries that people write: when all are legacy chunks, every browser runs them
 */
export function createLegacy(chunks: Chunks, entries: readonly string[]): Legacy {
  const polyfills = polyfillsOf(chunks)
  const isSystem = (key: string) => polyfills.legacy !== undefined && isLegacyChunk(key)
  const hasModern = entries.some((key) => !isSystem(key))
  const fileOf = (key: string) => chunks.get(key)!.file

  /** A stylesheet serves all browsers, so its twin is of no use beside it. */
  function systemFile(key: string): string[] {
    const twin = isSystem(key) ? key : isStylesheet(fileOf(key)) ? undefined : twinOf(chunks, key)
    return twin === undefined ? [] : [fileOf(twin)]
  }

  return {
    modernPolyfills: polyfills.modern,
    isSystem,
    tags(keys, { url, attributes }) {
      const files = keys.flatMap(systemFile)
      if (files.length === 0) return []
      const nomodule = { nomodule: hasModern }
      const first = polyfills.legacy === undefined ? [] : [fileOf(polyfills.legacy)]
      return [
        ...(hasModern ? [moduleTag('detect', DETECT), moduleTag('fallback', FALLBACK)] : []),
        ...first.map((file) => polyfillTag(url(file), { ...nomodule, ...attributes(file) })),
        ...files.map((file) => entryTag(url(file), nomodule)),
      ]
    },
  }
}

const POLYFILL_ID = 'vite-legacy-polyfill'
const ENTRY_CLASS = 'vite-legacy-entry'

/** The features that plugin-legacy asks of a modern browser; a parser that does not know them stops here. */
const DETECT =
  'import("_").catch(()=>{});(async function*(){})().next();if(import.meta.resolve)window.__vite_is_modern_browser=true'

/**
 * A browser that knows modules but not all of the above ignores what is `nomodule`, and has to be helped. Where
 * SystemJS is there already, as in Safari 10.1, which does not know `nomodule`, a second one would load everything again.
 */
const FALLBACK = `if(!window.__vite_is_modern_browser){
var entries=document.querySelectorAll(".${ENTRY_CLASS}"),index=0;
var run=function(){var entry=entries[index++];if(entry)System.import(entry.getAttribute("data-src")).then(run,function(error){run();throw error})};
var polyfill=document.getElementById("${POLYFILL_ID}");
if(window.System||!polyfill)run();
else{var script=document.createElement("script");script.nonce=polyfill.nonce;script.src=polyfill.src;script.onload=run;document.body.appendChild(script)}
}`

function moduleTag(name: string, text: string): Tag {
  return {
    name: 'script',
    attributes: { type: 'module' },
    text,
    nonce: true,
    kind: 'legacy',
    key: `legacy ${name}`,
  }
}

function polyfillTag(url: string, { nomodule, ...fetching }: Attributes): Tag {
  return {
    name: 'script',
    attributes: { nomodule, id: POLYFILL_ID, src: url, ...fetching },
    nonce: true,
    kind: 'legacy',
    key: `legacy ${url}`,
  }
}

/**
 * Loads an entry as a module is loaded: after the document, because the tags may be in the head and the entry
 * expects a body, and after the entries before it, whether they could be loaded or not.
 */
function loadText(id: string): string {
  return `(function(ready){
if(document.readyState==="loading")document.addEventListener("DOMContentLoaded",ready);else ready()
})(function(){
var load=function(){return System.import(document.getElementById(${JSON.stringify(id)}).getAttribute("data-src")).catch(report)};
var report=function(error){setTimeout(function(){throw error})};
window.__vite_legacy_entries=(window.__vite_legacy_entries||Promise.resolve()).then(load)
})`
}

/** Old browsers have no `document.currentScript`, so that a script can only find its address by its id. */
function entryTag(url: string, nomodule: Attributes): Tag {
  const id = `${ENTRY_CLASS}-${url}`
  return {
    name: 'script',
    attributes: { ...nomodule, id, class: ENTRY_CLASS, 'data-src': url },
    text: escapeScript(loadText(id)),
    nonce: true,
    kind: 'legacy',
    key: `legacy ${url}`,
  }
}
