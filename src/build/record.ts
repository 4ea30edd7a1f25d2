// The record that `connect-vite/plugin` writes at build: reads it, gives defaults to what an older plugin left out.
import { join } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { staysBelow } from '../paths.js'
import { readJson } from './read-json.js'
import { type BuildRecord, RECORD_FILE, RECORD_VERSION, type ServerBuildRecord } from './types.js'

/**
 * The record of the build in `outDir`, or `undefined` where the plugin was not used.
 *
 * @throws ConnectViteError `ERR_MANIFEST_INVALID` when it is not JSON, or not a record
 */
export function readRecord(outDir: string): BuildRecord | undefined {
  const file = join(outDir, RECORD_FILE)
  try {
    return parseRecord(readJson(file, 'record of the build').value, file)
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

type Json = Record<string, unknown>

const isText = (value: unknown): value is string => typeof value === 'string'
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSourcemap = (value: unknown): value is BuildRecord['sourcemap'] =>
  isFlag(value) || value === 'inline' || value === 'hidden'
/** Relative to `outDir`, and below it: what a record names is served, imported or removed. */
const isFile = (value: unknown): value is string => isText(value) && staysBelow(value)
const isFileList = (value: unknown): value is string[] => isTexts(value) && value.every(staysBelow)
const isFiles = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every(isFile)
const isPlaces = (value: unknown): value is Record<string, string[]> =>
  isObject(value) && Object.values(value).every(isTexts)
const isServers = (value: unknown): value is Record<string, Partial<ServerBuildRecord>> =>
  isObject(value) &&
  Object.values(value).every(
    (server) =>
      isObject(server) &&
      isText(server.outDir) &&
      (server.entries === undefined || isFiles(server.entries)),
  )

/**
 * Reads any version that has the fields we know: a newer plugin may write more than this release
 * understands, an older one less.
 *
 * @throws ConnectViteError `ERR_MANIFEST_INVALID` when it is no record, or a known field has another meaning
 */
function parseRecord(json: unknown, file: string): BuildRecord {
  if (!isObject(json)) throw refused(file, undefined, 'it is not an object')
  const version = json.version ?? 0
  if (!Number.isInteger(version) || (version as number) < 0)
    throw refused(file, undefined, `its version is ${JSON.stringify(version)}`)

  function field<T>(name: keyof BuildRecord, is: (value: unknown) => value is T, absent: T): T {
    const value = Object.hasOwn(json as Json, name) ? (json as Json)[name] : undefined
    if (value === undefined || value === null) return absent
    if (is(value)) return value
    throw refused(file, version as number, `'${name}' is ${JSON.stringify(value)?.slice(0, 60)}`)
  }

  const hashes = field<Record<string, string> | undefined>('hashes', isFiles, undefined)
  const found = field<Record<string, string[]> | undefined>('found', isPlaces, undefined)
  const importMap = field<string | undefined>('importMap', isFile, undefined)
  const ssrManifest = field<string | undefined>('ssrManifest', isFile, undefined)
  return {
    version: version as number,
    base: field('base', isText, '/'),
    outDir: field('outDir', isText, 'dist'),
    assetsDir: field('assetsDir', isText, 'assets'),
    manifest: field('manifest', isFile, '.vite/manifest.json'),
    hashed: field('hashed', isFileList, []),
    ...(hashes && { hashes: Object.assign(Object.create(null), hashes) }),
    cssCodeSplit: field('cssCodeSplit', isFlag, true),
    modulePreload: field('modulePreload', isFlag, true),
    sourcemap: field('sourcemap', isSourcemap, false),
    ...(importMap && { importMap }),
    ...(ssrManifest && { ssrManifest }),
    entries: field('entries', isTexts, []),
    ...(found && { found: Object.assign(Object.create(null), found) }),
    servers: serversOf(field('servers', isServers, {})),
  }
}

/** Tables without a prototype, so that `constructor` is no environment and `__proto__` no trap. */
function serversOf(servers: Record<string, Partial<ServerBuildRecord>>): BuildRecord['servers'] {
  const table: BuildRecord['servers'] = Object.create(null)
  for (const [name, { outDir = '', entries = {} }] of Object.entries(servers)) {
    table[name] = { outDir, entries: Object.assign(Object.create(null), entries) }
  }
  return table
}

function refused(file: string, version: number | undefined, reason: string): ConnectViteError {
  const newer = version !== undefined && version > RECORD_VERSION
  return new ConnectViteError('ERR_MANIFEST_INVALID', {
    what: `The record of the build cannot be used: ${reason}.`,
    lookedIn: file,
    likelyCause: newer
      ? `it was written by a newer connect-vite/plugin (record version ${version}, this release knows ${RECORD_VERSION})`
      : 'it was not written by connect-vite/plugin, or was edited',
    remedy: newer
      ? 'Install the same release of connect-vite where you build and where you serve.'
      : 'Build again (vite build).',
  })
}
