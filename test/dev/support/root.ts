// A Vite root in a temporary directory, with the Vite of the version that is asked for.
import { createDirectory } from '../../support/directory.js'
import { lendPackages } from '../../support/packages.js'
import type { ViteAlias } from '../../support/vites.js'

export type { ViteAlias } from '../../support/vites.js'

export interface TemporaryRoot {
  path: string
  write(file: string, text: string): Promise<void>
  remove(): Promise<void>
}

/** `packages` are linked from the repository; `vite` is an alias of one of its majors, or absent. */
export async function temporaryRoot(
  files: Record<string, string> = {},
  { vite = 'vite', packages = [] }: { vite?: ViteAlias | false; packages?: string[] } = {},
): Promise<TemporaryRoot> {
  const root = createDirectory({ 'package.json': '{ "type": "module" }', ...files })
  lendPackages(root.path, packages)
  if (vite) lendPackages(root.path, { vite })
  return { ...root, write: (file, text) => root.write({ [file]: text }) }
}
