// Which request targets name which file: the names are encoded beforehand, the request is never decoded.
//
// One file has the few spellings that a browser, `encodeURI` or `encodeURIComponent` gives its name, and no others.
// So `%2f`, `%61`, `//`, `/./` or `\` are plain misses: no path can leave the directory, or slip past a guard that the
// app mounted before us under the usual spelling.

const SIMPLE = /^[\w./~-]*$/

/** Every spelling under which `file` (relative, with `/`) is asked for. */
export function spellings(file: string): string[] {
  if (SIMPLE.test(file)) return [file]
  const byComponent = file.split('/').map(encodeURIComponent).join('/')
  const byUri = encodeURI(file).replace(/[?#]/g, encodeURIComponent)
  // https://url.spec.whatwg.org/#path-percent-encode-set; `^` joined it late, so browsers differ.
  const byBrowser = file.replace(/[^!$-;=@-_a-z|~]|\\|%|\^/gu, encodeURIComponent)
  const byOlderBrowser = byBrowser.replaceAll('%5E', '^')
  const all = [byBrowser, byOlderBrowser, byUri, byComponent]
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

/** The path under which a `base` puts files on this server, with a slash at both ends. */
export function basePath(base: string): string {
  // A full URL is that of a CDN which pulls from us; `./` and '' are relative to the mount, so '/' there.
  const { pathname } = new URL(base, 'http://localhost')
  return upperCaseEscapes(pathname.endsWith('/') ? pathname : `${pathname}/`)
}

/** Whether `base` means "where the middleware is mounted". */
export function isRelativeBase(base: string): boolean {
  return base === '' || base.startsWith('.')
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

/** `%2f` and `%2F` are equivalent (RFC 3986 §6.2.2.1), whatever else is not. */
function upperCaseEscapes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escaped) => escaped.toUpperCase())
}
