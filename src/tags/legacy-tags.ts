// What @vitejs/plugin-legacy needs on a page, for builds that were made with it.
import { escapeScript } from './inline-text.js'
import type { Attributes, Tag } from './types.js'

/** Chunks of a legacy build, as URLs with what belongs to their loading. */
export interface LegacyTarget {
  readonly url: string
  /** `crossorigin` and `integrity`. */
  readonly fetching: Attributes
}

const POLYFILL_ID = 'vite-legacy-polyfill'
const ENTRY_CLASS = 'vite-legacy-entry'

/** The features that plugin-legacy asks of a modern browser; a parser that does not know them stops here. */
const DETECT =
  'import("_").catch(()=>{});(async function*(){})().next();if(import.meta.resolve)window.__vite_is_modern_browser=true'

/** A browser that knows modules but not all of the above ignores `nomodule`, and has to be helped. */
const FALLBACK = `if(!window.__vite_is_modern_browser){
var run=function(){document.querySelectorAll(".${ENTRY_CLASS}").forEach(function(e){System.import(e.getAttribute("data-src"))})};
var polyfill=document.getElementById("${POLYFILL_ID}");
if(!polyfill)run();
else{var script=document.createElement("script");script.nonce=polyfill.nonce;script.src=polyfill.src;script.onload=run;document.body.appendChild(script)}
}`

/**
 * The tags for browsers without modules, in the order in which they have to run.
 *
 * @param entries the twins of the page's entries, by URL
 * @param hasModern `false` when the build consists of legacy chunks alone: then every browser runs them
 */
export function legacyTags(
  entries: readonly string[],
  polyfills: LegacyTarget | undefined,
  hasModern: boolean,
): Tag[] {
  if (entries.length === 0) return []
  const nomodule = { nomodule: hasModern }
  return [
    ...(hasModern ? [moduleTag('detect', DETECT), moduleTag('fallback', FALLBACK)] : []),
    ...(polyfills ? [polyfillTag(polyfills, nomodule)] : []),
    ...entries.map((url) => entryTag(url, nomodule)),
  ]
}

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

function polyfillTag({ url, fetching }: LegacyTarget, nomodule: Attributes): Tag {
  return {
    name: 'script',
    attributes: { ...nomodule, id: POLYFILL_ID, src: url, ...fetching },
    nonce: true,
    kind: 'legacy',
    key: `legacy ${url}`,
  }
}

/** Old browsers have no `document.currentScript`, so that a script can only find its address by its id. */
function entryTag(url: string, nomodule: Attributes): Tag {
  const id = `${ENTRY_CLASS}-${url}`
  return {
    name: 'script',
    attributes: { ...nomodule, id, class: ENTRY_CLASS, 'data-src': url },
    text: escapeScript(
      `System.import(document.getElementById(${JSON.stringify(id)}).getAttribute("data-src"))`,
    ),
    nonce: true,
    kind: 'legacy',
    key: `legacy ${url}`,
  }
}
