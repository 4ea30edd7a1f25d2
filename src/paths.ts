// Paths as Vite and the record write them: relative to something, and with `/` everywhere.
import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'

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

/** Whether `inner` lies below `outer` (and is not the same). Both absolute. */
export function isBelow(outer: string, inner: string): boolean {
  const path = relativeTo(outer, inner)
  return path !== '' && path !== '..' && !path.startsWith('../') && !/^[a-z]:/i.test(path)
}
