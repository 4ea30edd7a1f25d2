// The package as npm would deliver it, in projects that have no more than they say; without the registry.
import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createDirectory } from '../support/directory.js'

const run = promisify(execFile)
export const repository = join(import.meta.dirname, '../..')
const packages = join(repository, 'node_modules')

/** What a process said, and whether it ended well. */
export interface Outcome {
  ok: boolean
  stdout: string
  stderr: string
}

export interface Tarball {
  /** The `.tgz`. */
  path: string
  /** What was in it, unpacked. */
  directory: string
  remove(): Promise<void>
}

export interface Consumer {
  root: string
  write(files: Record<string, string>): Promise<void>
  /** Runs Node in the project; `NODE_ENV` is what `env` says, or nothing. */
  node(args: readonly string[], env?: Record<string, string>): Promise<Outcome>
  remove(): Promise<void>
}

export interface Setup {
  files?: Record<string, string>
  /** Packages that are installed beside ours: their names there, and what they are called in this repository. */
  links?: Record<string, string>
  /** The same as copies, which see what the project has and nothing else of what this repository has. */
  copies?: Record<string, string>
}

/** Runs Node, without what tells it that a test runs. */
export async function runNode(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const { NODE_ENV: _mode, VITEST: _vitest, NODE_OPTIONS: _options, ...rest } = process.env
  return run(process.execPath, args, { cwd, env: { ...rest, ...env } }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ ok: false, stdout, stderr }),
  )
}

/** Packs what `npm run build` has made: building here would pull it from under the feet of other tests. */
export async function packTarball(): Promise<Tarball> {
  const built = await readdir(join(repository, 'dist')).catch((): string[] => [])
  if (!built.includes('index.js')) throw new Error('There is no dist/: npm run build')
  const { path: work, remove } = createDirectory()
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', work], { cwd: repository })
  const path = join(work, (await readdir(work))[0] as string)
  await run('tar', ['-xzf', path], { cwd: work })
  return {
    path,
    directory: join(work, 'package'),
    remove,
  }
}

/** A project with the package, what the package depends on, and what `setup` names. */
export async function createConsumer(
  { directory }: Tarball,
  { files = {}, links = {}, copies = {} }: Setup = {},
): Promise<Consumer> {
  const { path: root, write, remove } = createDirectory(files)
  const inside = (name: string) => join(root, 'node_modules', name)
  const copy = async (name: string, from: string) => {
    await cp(from, inside(name), { recursive: true })
    for (const dependency of await dependenciesOf(from)) await link(dependency)
  }
  const link = async (name: string, from = name) => {
    await mkdir(dirname(inside(name)), { recursive: true })
    await symlink(join(packages, from), inside(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  await copy('connect-vite', directory)
  for (const [name, from] of Object.entries(copies)) await copy(name, join(packages, from))
  for (const [name, from] of Object.entries(links)) await link(name, from)
  return {
    root,
    write,
    node: (args, env) => runNode(args, root, env),
    remove,
  }
}

export async function readPackage(directory: string) {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    name: string
    dependencies?: Record<string, string>
    [key: string]: unknown
  }
}

const dependenciesOf = async (directory: string) =>
  Object.keys((await readPackage(directory)).dependencies ?? {})
