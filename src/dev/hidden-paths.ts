// Rule about dotfiles in development: what no request may get, whichever way it names the file.

/** Vite's prefixes for a file by its absolute path, and for the id of a module, which can be such a path. */
const BY_PATH = /^\/(?:@fs|@id(?:\/__x00__)?)(?=\/)/

/** The one directory with a dot that is meant for the public (RFC 8615). */
export const WELL_KNOWN = '.well-known'

/**
 * Whether a path names a dotfile, or a file in a directory with a dot: `/.env`, `/src/.cache/a.js`, `/@fs/app/.npmrc`.
 * Directories above `root` do not count, nor do those in `node_modules` (`.vite`, `.pnpm`), which browsers load from.
 *
 * @param path below Vite's base
 */
export function isHidden(path: string, root: string): boolean {
  const names = path.replace(BY_PATH, '').split('/').slice(1).map(decodeName)
  const above = path.startsWith('/@') ? sharedDepth(names, root.split('/').slice(1)) : 0
  const own = names.slice(above)
  const packages = own.indexOf('node_modules')
  return own.some((name, index) => {
    if (name[0] !== '.' || (index === 0 && name === WELL_KNOWN)) return false
    return packages === -1 || index < packages || index === own.length - 1
  })
}

/** Whether a path leads into a repository. Vite 5 does not deny that, and no module imports from there. */
export function isInRepository(path: string): boolean {
  return path.split('/').some((name) => decodeName(name).toLowerCase() === '.git')
}

/** How many directories two paths have in common. */
function sharedDepth(names: readonly string[], other: readonly string[]): number {
  const end = names.findIndex((name, index) => name !== other[index])
  return end === -1 ? names.length : end
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
