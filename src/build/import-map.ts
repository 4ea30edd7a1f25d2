// The import map that `build.chunkImportMap` writes (Vite 8.1): chunks import names that only the map resolves.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { readJson } from './read-json.js'

/** https://html.spec.whatwg.org/multipage/webappapis.html#import-maps */
export interface ImportMap {
  readonly imports?: Readonly<Record<string, string>>
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly integrity?: Readonly<Record<string, string>>
}

/** The maps of a build. */
export interface ImportMaps {
  readonly importMap: ImportMap | undefined
  /** For the chunks that plugin-legacy made: SystemJS resolves their imports. */
  readonly systemMap: ImportMap | undefined
}

/** Where they lie unless the plugin recorded another name. */
const USUAL = 'importmap.json'
const SYSTEM = 'importmap.legacy.json'

/** @throws ConnectViteError `ERR_MANIFEST_INVALID` */
export function readImportMaps(outDir: string, recorded: string | undefined): ImportMaps {
  return {
    importMap:
      recorded === undefined
        ? readIfThere(join(outDir, USUAL))
        : readImportMap(join(outDir, recorded)),
    systemMap: readIfThere(join(outDir, SYSTEM)),
  }
}

function readIfThere(path: string): ImportMap | undefined {
  return existsSync(path) ? readImportMap(path) : undefined
}

function readImportMap(path: string): ImportMap {
  const { value } = readJson(path, 'import map')
  if (isImportMap(value)) return value
  throw new ConnectViteError('ERR_MANIFEST_INVALID', {
    what: "The import map is not an object of 'imports', 'scopes' and 'integrity'.",
    lookedIn: path,
    likelyCause: 'it was edited, or is a file of another purpose',
    remedy: 'Build again (vite build), or give the other file another name.',
  })
}

function isImportMap(value: unknown): value is ImportMap {
  if (!isTable(value, () => true)) return false
  const { imports = {}, scopes = {}, integrity = {} } = value as Record<string, unknown>
  return isTable(imports, isText) && isTable(integrity, isText) && isTable(scopes, isAddresses)
}

const isText = (value: unknown) => typeof value === 'string'
const isAddresses = (value: unknown) => isTable(value, isText)

function isTable(value: unknown, each: (item: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(each)
}
