// Several environments in one `vite build --app`: the client first, each in a separate directory, none inside another's.
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Plugin, ResolvedConfig, ViteBuilder } from 'vite'
import { findRecordedOutDir, isBuildOf } from '../build/find-build.js'
import { ConnectViteError } from '../errors.js'
import { isBelow, relativeTo, slashed } from '../paths.js'
import { isVite5, outDirOf } from './vite-majors.js'

export function environmentsPlugin(): Plugin {
  /** Outputs that the config names, by environment. */
  let named = new Map<string, string | undefined>()
  let shared: string | undefined
  let clientOutDir = 'dist'
  /** `vite build --ssr`: `build.outDir` means the server's. */
  let serverOnly = false
  let buildsItself = false

  return {
    name: 'connect-vite:environments',
    apply: 'build',
    enforce: 'post',

    config: {
      order: 'post',
      handler(config, env) {
        const { environments = {} } = config
        serverOnly = env.isSsrBuild === true
        buildsItself = config.builder?.buildApp !== undefined
        shared = config.build?.outDir
        named = new Map(
          Object.entries(environments).map(([name, { build }]) => [name, build?.outDir]),
        )
        clientOutDir = named.get('client') ?? (serverOnly ? undefined : shared) ?? 'dist'
        // Vite builds them in this order.
        if (config.environments) {
          config.environments = { client: environments.client ?? {}, ...environments }
        }
        if (serverOnly && shared === undefined) {
          return { build: { outDir: besideClient(clientOutDir, 'ssr') } }
        }
      },
    },

    configEnvironment: {
      order: 'post',
      handler(name, { build }) {
        if (name === 'client' || serverOnly) return
        // Without an outDir in the config it inherits the client's directory, and its build empties it.
        const own = named.get(name) ?? (build?.outDir === shared ? undefined : build?.outDir)
        return own === undefined
          ? { build: { outDir: besideClient(clientOutDir, name) } }
          : undefined
      },
    },

    configResolved(config) {
      const places = placesOf(config)
      const server = serverOnly ? serverPlace(config) : undefined
      assertApart(config.root, places, server, buildsItself)
    },

    /**
     * Vite 7 and later: once a plugin's hook has built one environment, Vite builds no other. What is left
     * is built here, unless the user's config has a `builder.buildApp`.
     */
    buildApp: {
      order: 'post',
      async handler(builder: ViteBuilder) {
        if (buildsItself) return
        for (const environment of clientFirst(builder)) {
          if (!environment.isBuilt) await builder.build(environment)
        }
        assertWhole(builder.config)
      },
    },
  }
}

/** `dist` → `dist-ssr`, but `dist/client` → `dist/ssr`. */
function besideClient(client: string, name: string): string {
  return basename(client) === 'client'
    ? slashed(join(dirname(client), name))
    : `${client.replace(/[\\/]+$/, '')}-${name}`
}

function clientFirst({ environments }: ViteBuilder) {
  const { client, ...others } = environments
  return client ? [client, ...Object.values(others)] : Object.values(others)
}

function placesOf(config: ResolvedConfig): Place[] {
  if (isVite5(config)) return []
  return Object.entries(config.environments).map(([name, { build }]) => ({
    name,
    outDir: outDirOf(config.root, build),
    empties: build.emptyOutDir !== false,
  }))
}

function serverPlace(config: ResolvedConfig): Place {
  return {
    name: 'ssr',
    outDir: outDirOf(config.root, config.build),
    empties: config.build.emptyOutDir !== false,
  }
}

/** Where an environment is built to. */
interface Place {
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
function assertApart(
  root: string,
  places: readonly Place[],
  server: Place | undefined,
  buildsItself: boolean,
): void {
  const pairs = server
    ? clientsAround(root, places, server).map((client) => [client, server] as const)
    : pairsOf(places)
  for (const [a, b] of pairs) {
    const order = server === undefined && buildsItself
    const reason = collision(a, b, order) ?? collision(b, a, order)
    if (reason) throw refusal(root, a, b, reason)
  }
}

function pairsOf(places: readonly Place[]): Array<readonly [Place, Place]> {
  return places.flatMap((a, index) => places.slice(index + 1).map((b) => [a, b] as const))
}

/**
 * Why `outer` and `inner` cannot be where they are, if `inner` is in `outer` or the same. A server inside the client
 * is never served; it stays whole because the client is built first, unless the user's `buildApp` decides the order.
 */
function collision(outer: Place, inner: Place, unknownOrder: boolean): string | undefined {
  if (outer.outDir === inner.outDir) return 'the later build removes what the earlier one wrote'
  if (!outer.empties || !isBelow(outer.outDir, inner.outDir)) return undefined
  if (outer.name !== 'client') return `the build of '${outer.name}' empties its directory`
  return unknownOrder
    ? 'builder.buildApp of the config decides the order, and a client that is built later empties its directory'
    : undefined
}

/** @throws ConnectViteError `ERR_OPTION` when a plugin has built the client after a server inside it */
function assertWhole(config: ResolvedConfig): void {
  for (const [a, b] of pairsOf(placesOf(config))) {
    const [outer, inner] = a.name === 'client' ? [a, b] : [b, a]
    if (!isBelow(outer.outDir, inner.outDir) || existsSync(inner.outDir)) continue
    const reason = `a plugin built '${outer.name}' after it, which empties its directory`
    throw refusal(config.root, outer, inner, reason)
  }
}

function refusal(root: string, a: Place, b: Place, reason: string): ConnectViteError {
  const [other, server] = b.name === 'client' ? [b, a] : [a, b]
  const shown = (place: Place) => relativeTo(root, place.outDir) || '.'
  return new ConnectViteError('ERR_OPTION', {
    what: `The build of '${server.name}' in '${shown(server)}' and that of '${other.name}' in '${shown(other)}' get in each other's way.`,
    likelyCause: reason,
    remedy: `Set environments.${server.name}.build.outDir (or --outDir with --ssr) to a separate directory, for example 'dist-${server.name}'. If '${shown(other)}' is left over from another layout, delete it.`,
  })
}

/** Client builds that a separate server build could collide with: as configured, or as found on disk. */
function clientsAround(root: string, places: readonly Place[], server: Place): Place[] {
  const configured = places.find(({ name }) => name === 'client')
  if (configured && configured.outDir !== server.outDir) return [configured]
  const recorded = above(server.outDir).filter((path) => isBuildOf(root, path))
  const elsewhere = findRecordedOutDir(root)
  if (elsewhere !== undefined) recorded.push(elsewhere)
  return recorded.map((outDir) => ({ name: 'client', outDir, empties: true }))
}

function above(directory: string): string[] {
  const up = dirname(directory)
  return up === directory ? [directory] : [directory, ...above(up)]
}
