// Paths as Vite and the record write them: relative to a directory, with `/` on every system.
import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'

export function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

/** `path` relative to `from`, with `/`. Empty when they are the same. */
export function relativeTo(from: string, path: string): string {
  return slashed(relative(from, path))
}

/** As {@link relativeTo}, with links followed on both sides: bundlers name modules by their real path. */
export function sourceIn(root: string, path: string): string {
  return relativeTo(real(root), real(path))
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/**
 * `src/x.ts` for `/src/x.ts`, `./src/x.ts` and an absolute path below `root`, as manifests have it. A name that
 * is no path (`virtual:x`) stays as it is.
 */
export function pathInRoot(root: string, path: string): string {
  return relativeTo(root, path.startsWith(root + sep) ? path : join(root, path))
}

/** `path` relative to `directory`, with `/`, or `undefined` when it does not lie below. Both absolute. */
export function below(directory: string, path: string): string | undefined {
  const inner = relativeTo(directory, path)
  // On another drive of Windows the relative path is absolute.
  return inner === '' || inner === '..' || inner.startsWith('../') || isAbsolute(inner)
    ? undefined
    : inner
}

export function isBelow(directory: string, path: string): boolean {
  return below(directory, path) !== undefined
}

/**
 * Whether a path that was read from a file (a record, a history, a manifest) stays below the directory that it is
 * relative to: not absolute, without `..`. Judged by its text, on every system alike.
 */
export function staysBelow(path: string): boolean {
  return path !== '' && !/^[\\/]|^[a-z]:|(?:^|[\\/])\.\.(?:[\\/]|$)|\0/i.test(path)
}
