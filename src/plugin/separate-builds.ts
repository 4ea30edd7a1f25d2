// Refuses builds that would wipe out each other, or lie where the client's files are served from.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findRecordedOutDir, readRecord } from '../build/record.js'
import { RECORD_FILE } from '../build/types.js'
import { ConnectViteError } from '../errors.js'
import { isBelow, relativeTo } from '../paths.js'

/** Where an environment is built to. */
export interface Place {
  readonly name: string
  /** Absolute. */
  readonly outDir: string
  /** Its build removes what it finds there. */
  readonly empties: boolean
}

/**
 * Compares all environments of an app with each other. `server` is the one that is built alone
 * (`vite build --ssr`): the config may say of the client what was meant for the server, so what the client
 * recorded on disk counts.
 *
 * @throws ConnectViteError `ERR_OPTION`
 */
export function assertApart(root: string, places: readonly Place[], server?: Place): void {
  const pairs = server
    ? clientsAround(root, places, server).map((client) => [client, server] as const)
    : places.flatMap((a, index) => places.slice(index + 1).map((b) => [a, b] as const))
  for (const [a, b] of pairs) {
    const reason = collision(a, b) ?? collision(b, a)
    if (reason) throw refusal(root, a, b, reason)
  }
}

/** Why `outer` and `inner` cannot be where they are, if `inner` is in `outer` or the same. */
function collision(outer: Place, inner: Place): string | undefined {
  if (outer.outDir === inner.outDir) return 'the later build removes what the earlier one wrote'
  if (!isBelow(outer.outDir, inner.outDir)) return undefined
  if (outer.name === 'client')
    return 'the files of the client are public, and its build empties its directory'
  return outer.empties ? `the build of '${outer.name}' empties its directory` : undefined
}

function refusal(root: string, a: Place, b: Place, reason: string): ConnectViteError {
  const [other, server] = b.name === 'client' ? [b, a] : [a, b]
  const shown = (place: Place) => relativeTo(root, place.outDir) || '.'
  return new ConnectViteError('ERR_OPTION', {
    what: `The build of '${server.name}' in '${shown(server)}' and that of '${other.name}' in '${shown(other)}' get in each other's way.`,
    likelyCause: reason,
    remedy: `Give it a directory of its own: environments.${server.name}.build.outDir (or --outDir with --ssr), for example 'dist-${server.name}'. If '${shown(other)}' is left over from another layout, delete it.`,
  })
}

/** Client builds that a server build on its own could meet: as configured, or as found on disk. */
function clientsAround(root: string, places: readonly Place[], server: Place): Place[] {
  const configured = places.find(({ name }) => name === 'client')
  if (configured && configured.outDir !== server.outDir) return [configured]
  const recorded = [...above(server.outDir).filter((path) => isClientOf(root, path))]
  const elsewhere = findRecordedOutDir(root)
  if (elsewhere !== undefined) recorded.push(elsewhere)
  return recorded.map((outDir) => ({ name: 'client', outDir, empties: true }))
}

function above(directory: string): string[] {
  const up = dirname(directory)
  return up === directory ? [directory] : [directory, ...above(up)]
}

function isClientOf(root: string, directory: string): boolean {
  if (!existsSync(join(directory, RECORD_FILE))) return false
  try {
    const record = readRecord(directory)
    return record !== undefined && resolve(root, record.outDir) === directory
  } catch {
    return false
  }
}
