// The files of a server build, found by the plugin's record, by the build's manifest, or by name.
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { parseManifest } from '../../build/manifest.js'
import { readJson } from '../../build/read-json.js'
import { nearest } from '../../check.js'
import { ConnectViteError } from '../../errors.js'
import { pathInRoot } from '../../paths.js'
import { DEFAULT_ENVIRONMENT, type ServerModuleOptions } from '../host.js'
import type { BuiltApp } from './per-build.js'

export interface ServerBuild {
  /** Absolute. */
  outDir: string
  /** Source relative to `root` → file relative to `outDir`. */
  entries: ReadonlyMap<string, string>
}

/** @throws ConnectViteError `ERR_BUILD_NOT_FOUND` */
export function serverBuild(
  root: string,
  { directories: [client], record }: BuiltApp,
  { environment = DEFAULT_ENVIRONMENT, outDir: given }: ServerModuleOptions,
): ServerBuild {
  if (given !== undefined) {
    const directory = resolve(root, given)
    if (!existsSync(directory)) throw noBuild(environment, directory, [])
    return { outDir: directory, entries: manifestEntries(directory) }
  }
  const recorded = new Map(Object.entries(record?.servers ?? {}))
  const server = recorded.get(environment)
  const directory = server && resolve(root, server.outDir)
  if (!server || !directory || !existsSync(directory)) {
    throw noBuild(environment, directory ?? client?.outDir, [...recorded.keys()])
  }
  return { outDir: directory, entries: new Map(Object.entries(server.entries)) }
}

/**
 * The absolute path of an entry's built file.
 *
 * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`
 */
export function builtFile(
  root: string,
  { outDir, entries }: ServerBuild,
  entry: string,
  environment = DEFAULT_ENVIRONMENT,
): string {
  const source = pathInRoot(root, entry)
  const file = entries.get(source)
  const name = basename(source).replace(/\.\w+$/, '')
  // Without record and manifest: Vite names an entry of a server build after its source.
  const candidates = file ? [file] : ['js', 'mjs', 'cjs'].map((extension) => `${name}.${extension}`)
  const paths = candidates.map((candidate) => resolve(outDir, candidate))
  const found = paths.find((path) => existsSync(path))
  if (found !== undefined && (file !== undefined || entries.size === 0)) return found
  const known = file === undefined ? [...entries.keys()] : []
  throw noEntry(entry, known, file ? paths : [outDir], environment)
}

function manifestEntries(directory: string): ReadonlyMap<string, string> {
  const path = ['.vite/manifest.json', 'manifest.json']
    .map((name) => resolve(directory, name))
    .find((file) => existsSync(file))
  const chunks = path ? parseManifest(readJson(path, "server build's manifest").value, path) : []
  return new Map(
    Array.from(chunks).flatMap(([key, { isEntry, file }]) => (isEntry ? [[key, file]] : [])),
  )
}

function noBuild(
  environment: string,
  directory: string | undefined,
  known: string[],
): ConnectViteError {
  return new ConnectViteError('ERR_BUILD_NOT_FOUND', {
    what: `There is no build of the server environment "${environment}".`,
    didYouMean: nearest(environment, known, 1).map((near) => `"${near}"`),
    lookedIn: directory,
    likelyCause:
      known.length > 0
        ? `only these were built: ${known.join(', ')}`
        : 'only the client was built, or the build was made without connect-vite/plugin',
    remedy:
      'Build all environments with `vite build --app`, or name the directory with { outDir }.',
  })
}

function noEntry(
  entry: string,
  known: string[],
  lookedIn: string[],
  environment: string,
): ConnectViteError {
  const inputs = [...known, entry].map((path) => `'${path}'`).join(', ')
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `The server build has no entry "${entry}".`,
    didYouMean: nearest(entry, known).map((near) => `"${near}"`),
    lookedIn,
    likelyCause:
      known.length > 0
        ? `it is not among the inputs of the server environment, which has: ${known.join(', ')}`
        : 'it is not among the inputs of the server environment, or its file was removed',
    remedy: `Write environments: { ${environment}: { build: { rolldownOptions: { input: [${inputs}] } } } } in vite.config (rollupOptions before Vite 8), and run \`vite build --app\`.`,
  })
}
