// Dictionary-compressed Zstandard (RFC 9842): its two header fields.
export { canEncodeDeltas, encodeDelta, LARGEST_WINDOW } from '../delta.js'

/** A byte sequence (RFC 9651 §3.3.5) of 32 bytes: the SHA-256 of the one dictionary that the client offers. */
const DIGEST = /^:([A-Za-z0-9+/]{43})=:$/

/** The digest in `Available-Dictionary`, in base64url; `undefined` where the field is absent or no digest. */
export function availableDictionary(field: string | string[] | undefined): string | undefined {
  if (typeof field !== 'string') return undefined
  return DIGEST.exec(field.trim())?.[1]?.replaceAll('+', '-').replaceAll('/', '_')
}

/**
 * The value of `Use-As-Dictionary` for a file, so that the client offers it for later names of the same file.
 *
 * @param path - URL path, absolute or relative to the file's own URL
 * @param hash - the part of `path` that changes with the content; it becomes the wildcard
 */
export function useAsDictionary(path: string, hash: string): string {
  // RFC 9842 §2.1.1 takes URL patterns without regular expressions: what else has a meaning there is escaped.
  const pattern = path
    .split(hash)
    .map((part) => part.replace(/[\\(){}+?:*]/g, '\\$&'))
    .join('*')
  // A string of RFC 9651 §3.3.3 escapes the backslash once more.
  return `match="${pattern.replace(/[\\"]/g, '\\$&')}"`
}
