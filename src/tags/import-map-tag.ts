// Import maps as tags: the build's, with addresses made absolute, and the one that only has integrity.

import type { ImportMap } from '../build/import-map.js'
import { baseOf, isRelative } from '../urls.js'
import { escapeJson } from './html.js'
import type { Integrity } from './integrity.js'
import { IMPORT_MAP_KEY } from './select.js'
import type { Tag } from './types.js'

export interface ImportMapContext {
  /** The base that the build was made with, if it is known. */
  readonly recordedBase: string | undefined
  /** A file's URL. */
  url(file: string): string
  /** Of modules alone. */
  readonly integrity: Integrity
}

export function importMapTag(map: ImportMap, context: ImportMapContext): Tag {
  return mapTag(IMPORT_MAP_KEY, absolute(map, context))
}

/**
 * What a script imports has no tag that could say its hash, except in an import map.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#resolving-a-module-integrity-metadata
 */
export function integrityMapTag(context: ImportMapContext): Tag {
  return mapTag('page integrity', absolute({}, context))
}

function mapTag(key: string, map: ImportMap): Tag {
  return {
    name: 'script',
    attributes: { type: 'importmap' },
    text: escapeJson(map),
    nonce: true,
    kind: 'page',
    key,
    onlyWithModules: true,
    oncePerPage: true,
  }
}

/** The map of SystemJS, which loads the chunks that plugin-legacy made; it knows no integrity. */
export function systemMapTag(map: ImportMap, context: ImportMapContext): Tag {
  return {
    name: 'script',
    attributes: { type: 'systemjs-importmap' },
    text: escapeJson(absolute(map, { ...context, integrity: new Map() })),
    nonce: true,
    kind: 'legacy',
    key: 'legacy importmap',
  }
}

/**
 * A browser resolves relative addresses of an import map against the page, whose depth must not matter;
 * and addresses with the build's base have to follow the base that is in use.
 */
function absolute(map: ImportMap, { recordedBase, url, integrity }: ImportMapContext): ImportMap {
  const built = recordedBase === undefined ? undefined : baseOf(recordedBase)
  const fixed = built === undefined || isRelative(built) ? undefined : built

  function address(value: string): string {
    const prefix = ['./', fixed].find((start) => start !== undefined && value.startsWith(start))
    // The rest is part of a URL already, so it is not encoded again.
    return prefix === undefined ? value : url('') + value.slice(prefix.length)
  }
  const addresses = (table: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(table).map(([from, to]) => [address(from), address(to)]))

  const hashes = {
    ...Object.fromEntries(
      Object.entries(map.integrity ?? {}).map(([to, hash]) => [address(to), hash]),
    ),
    ...Object.fromEntries([...integrity].map(([file, hash]) => [url(file), hash])),
  }
  return {
    ...map,
    ...(map.imports && { imports: addresses(map.imports) }),
    ...(map.scopes && {
      scopes: Object.fromEntries(
        Object.entries(map.scopes).map(([scope, table]) => [address(scope), addresses(table)]),
      ),
    }),
    ...(Object.keys(hashes).length > 0 && { integrity: hashes }),
  }
}
