// The `input` option: globs are expanded, and files get absolute paths.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { ConnectViteError } from '../errors.js'
import { slashed } from '../paths.js'
import type { BackendOptions } from './options.js'

export type Inputs = string[] | Record<string, string>

/**
 * Vite 4 to 7 resolve a relative input against the working directory, Vite 8 against the root: absolute
 * paths mean the same everywhere.
 *
 * @throws ConnectViteError `ERR_OPTION` when a glob names no file
 */
export async function expandInputs(
  input: NonNullable<BackendOptions['input']>,
  root: string,
): Promise<Inputs> {
  if (typeof input === 'string') return expandList([input], root)
  if (isList(input)) return expandList(input, root)
  const names = Object.entries(input).map(([name, file]) => [name, absolute(file, root)])
  return Object.fromEntries(names)
}

/** The globs among the inputs: what has to be watched for files that come and go. */
export function inputGlobs(input: BackendOptions['input'], root: string): string[] {
  const list = typeof input === 'string' ? [input] : isList(input) ? input : []
  return list.some((item) => isGlob(item, root)) ? [...list] : []
}

async function expandList(list: readonly string[], root: string): Promise<string[]> {
  const without = list.filter((item) => item.startsWith('!')).map((item) => item.slice(1))
  const files = new Set<string>()
  for (const item of list) {
    if (item.startsWith('!')) continue
    const found = isGlob(item, root)
      ? await expandGlob(item, without, root)
      : [absolute(item, root)]
    for (const file of found) files.add(file)
  }
  return [...files]
}

async function expandGlob(pattern: string, without: string[], root: string): Promise<string[]> {
  const found = await glob(slashed(pattern), {
    cwd: root,
    absolute: true,
    expandDirectories: false,
    // A declaration is no module.
    ignore: ['**/node_modules/**', '**/*.d.{ts,mts,cts}', ...without],
  })
  if (found.length === 0) {
    throw new ConnectViteError('ERR_OPTION', {
      what: `The input '${pattern}' of backend() matches no file.`,
      lookedIn: root,
      likelyCause: "globs are relative to Vite's root",
      remedy: 'Correct the glob in vite.config, or set root.',
    })
  }
  // The order of a directory listing differs between machines; the order of a build must not.
  return found.sort()
}

/** A file may be called `[slug].ts`: what exists is no glob. */
function isGlob(item: string, root: string): boolean {
  return isDynamicPattern(item) && !existsSync(resolve(root, item))
}

/** A name that is no file is left to other plugins: `virtual:app`, an alias, a package. */
export function absolute(file: string, root: string): string {
  const path = resolve(root, file)
  return /^\.\.?[\\/]/.test(file) || existsSync(path) ? slashed(path) : file
}

function isList(input: BackendOptions['input']): input is readonly string[] {
  return Array.isArray(input)
}
