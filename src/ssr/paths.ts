// Where pages and server entries are: below root, however the app spells them.
import { join, relative, sep } from 'node:path'

/**
 * `src/x.ts` for `/src/x.ts`, `./src/x.ts` and an absolute path below `root`, as manifests have it. What is
 * no path at all (`virtual:x`) stays as it is.
 */
export function pathInRoot(root: string, path: string): string {
  const absolute = path.startsWith(root + sep) ? path : join(root, path)
  return relative(root, absolute).replaceAll(sep, '/')
}
