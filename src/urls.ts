// The base path: one form for what people write, and its value where the middleware is mounted.

/** What stands for "where the middleware is mounted". */
const RELATIVE = './'

/**
 * Puts a base into its one form: `app` → `/app/`, `''` → `./`, `https://cdn.test/x` → `https://cdn.test/x/`,
 * `//cdn.test` → `//cdn.test/`. Characters that a URL cannot hold are percent-encoded.
 */
export function baseOf(value: string): string {
  if (value === '' || value === '.' || value === RELATIVE) return RELATIVE
  const encoded = encodeUrl(value)
  const rooted = isFullUrl(encoded) || encoded.startsWith('/') ? encoded : `/${encoded}`
  return rooted.endsWith('/') ? rooted : `${rooted}/`
}

/** Whether URLs depend on where the middleware is mounted: a page's own depth must not matter. */
export function isRelative(base: string): boolean {
  return base === RELATIVE
}

/** `https://…`, and `//cdn/x/` too, which names a host as well. */
export function isFullUrl(base: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(base)
}

/** The base as URLs carry it. */
export function baseAt(base: string, mount: string): string {
  // Two slashes at the front would name a host: a mount path comes from the request's own target.
  return isRelative(base) ? encodeUrl(mount).replace(/^\/+/, '/') : base
}

/** The path under which this server has the files of a base, with a slash at both ends, escapes in upper case. */
export function basePath(base: string): string {
  // A full URL is that of a CDN that pulls from this app. A relative base counts from the mount, so it is '/' there.
  return upperCaseEscapes(new URL(base, 'http://localhost').pathname)
}

/** `%2f` and `%2F` are equivalent (RFC 3986 §6.2.2.1); other spellings are not. */
export function upperCaseEscapes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escaped) => escaped.toUpperCase())
}

/** Encodes what a URL cannot hold, and leaves alone what is encoded already. */
export function encodeUrl(url: string): string {
  return encodeURI(url.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/%25([\da-f]{2})/gi, '%$1')
}

/**
 * A file name as a URL path. The characters that a browser leaves alone stay as they are, because a module
 * that is imported as `./@foo.js` and one that is loaded from `%40foo.js` would be two modules.
 */
export function encodePath(file: string): string {
  return encodeURI(file.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/[?#]/g, encodeURIComponent)
}

/** `sprite.svg#icon` → `sprite.svg` and `#icon`: what belongs to a URL, and not to the file's name. */
export function splitSuffix(path: string): [name: string, suffix: string] {
  const end = path.search(/[?#]/)
  return end < 0 ? [path, ''] : [path.slice(0, end), path.slice(end)]
}
