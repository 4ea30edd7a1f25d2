// The repository's packages, lent to projects in temporary directories.
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const installed = join(import.meta.dirname, '../../node_modules')

/**
 * Links packages into `root/node_modules`: those named, or all. `{ vite: 'vite5' }` lends one under another name.
 * One link a package, because Vite keeps its cache in `node_modules/.vite` and projects must not share that.
 */
export function lendPackages(
  root: string,
  packages: readonly string[] | Readonly<Record<string, string>> = allPackages(),
): void {
  const pairs = Array.isArray(packages)
    ? packages.map((name: string) => [name, name] as const)
    : Object.entries(packages)
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  for (const [name, from] of pairs) {
    const link = join(root, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(installed, from), link)
  }
}

function allPackages(): string[] {
  return readdirSync(installed).filter((name) => !name.startsWith('.'))
}
