// A Vite root in a temporary directory, with the Vite of the version that is asked for.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const installed = fileURLToPath(new URL('../../../node_modules/', import.meta.url))

export type ViteAlias = 'vite' | 'vite5' | 'vite6' | 'vite7'

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
  const path = await realpath(await mkdtemp(join(tmpdir(), 'connect-vite-')))
  const root: TemporaryRoot = {
    path,
    async write(file, text) {
      await mkdir(dirname(join(path, file)), { recursive: true })
      await writeFile(join(path, file), text)
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
  await mkdir(join(path, 'node_modules'))
  if (vite) await symlink(join(installed, vite), join(path, 'node_modules/vite'))
  for (const name of packages)
    await symlink(join(installed, name), join(path, 'node_modules', name))
  await root.write('package.json', '{ "type": "module" }')
  for (const [file, text] of Object.entries(files)) await root.write(file, text)
  return root
}
