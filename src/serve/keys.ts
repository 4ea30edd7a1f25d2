// Which request targets name which file: the names are encoded beforehand, the request is never decoded.
//
// One file has the few spellings that a browser, `encodeURI` or `encodeURIComponent` gives its name, and no others.
// So `%2f`, `%61`, `//`, `/./` or `\` are plain misses: no path can leave the directory, or slip past a guard that the
// app mounted before us under the usual spelling.

import { encodePath, upperCaseEscapes } from '../urls.js'

const SIMPLE = /^[\w./~-]*$/

/** Every spelling under which `file` (relative, with `/`) is asked for. */
export function spellings(file: string): string[] {
  if (SIMPLE.test(file)) return [file]
  const byComponent = file.split('/').map(encodeURIComponent).join('/')
  // https://url.spec.whatwg.org/#path-percent-encode-set; `^` joined it late, so browsers differ.
  const byBrowser = file.replace(/[^!$-;=@-_a-z|~]|\\|%|\^/gu, encodeURIComponent)
  const byOlderBrowser = byBrowser.replaceAll('%5E', '^')
  const all = [byBrowser, byOlderBrowser, encodePath(file), byComponent]
  // A page may write `100%.png` as it is: browsers leave a `%` that begins no escape alone. One that does begin an escape
  // would be another file's spelling.
  if (/%(?![0-9a-f]{2})/i.test(file)) {
    all.push(
      ...[byBrowser, byOlderBrowser].map((spelling) =>
        spelling.replace(/%25(?![0-9a-f]{2})/gi, '%'),
      ),
    )
  }
  return [...new Set(all)]
}

/** What to look up for a request target: its path, with escapes in upper case. */
export function requestKey(target: string): string {
  const start = target.charCodeAt(0) === 0x2f /* / */ ? 0 : authorityEnd(target)
  const query = target.indexOf('?', start)
  const path =
    start === 0 && query === -1 ? target : target.slice(start, query === -1 ? undefined : query)
  return path.includes('%') ? upperCaseEscapes(path) : path
}

/** Where the path begins in absolute-form, `http://host/path` (RFC 9112 §3.2.2: servers must take it). */
function authorityEnd(target: string): number {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target)
  return authority === null ? target.length : authority[0].length
}
