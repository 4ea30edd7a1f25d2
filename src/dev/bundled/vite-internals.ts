// Members of Vite's bundled development that Vite does not document, and the check that this Vite has them.
import type { ViteDevServer } from 'vite'
import { ConnectViteError } from '../../errors.js'

/** What a build in memory is like at the moment. */
export interface BundleState {
  lastBuildErrored: boolean
  /** `Hmr` when the last update failed: the output is then the one of before, and the browser has been told. */
  lastErrorStage?: string
}

/**
 * `environments.client.bundledDev`, as far as it is used here.
 * https://github.com/vitejs/vite/blob/main/packages/vite/src/node/server/bundledDev.ts
 */
export interface BundledDev {
  /** What Vite serves, by URL path below the base. */
  memoryFiles: {
    has(name: string): boolean
    get(name: string): { source: string | Uint8Array } | undefined
  }
  /** Why the last full build failed. */
  lastBuildError: Error | null
  waitForInitialBuildFinish(): Promise<void>
  devEngine: {
    getBundleState(): Promise<BundleState>
    /** Builds if sources have changed since the last output; rejects never, see the state. */
    ensureLatestBuildOutput(): Promise<void>
    /** Marks everything as changed. The build itself is waited for with the method above. */
    triggerFullBuild(): void
  }
}

/** Each member with its type, as paths from `environments.client.bundledDev`. */
export const MEMBERS: Readonly<Record<string, 'function' | 'object'>> = {
  'memoryFiles.has': 'function',
  'memoryFiles.get': 'function',
  lastBuildError: 'object',
  waitForInitialBuildFinish: 'function',
  'devEngine.getBundleState': 'function',
  'devEngine.ensureLatestBuildOutput': 'function',
  'devEngine.triggerFullBuild': 'function',
}

/** The versions that the tests have run with. */
const KNOWN = '8.3'

/**
 * Vite's own object for bundled development. A restart of Vite makes another one.
 *
 * @throws ConnectViteError `ERR_UNSUPPORTED` when this Vite has none, or lacks members that are needed
 */
export function bundledDevOf(vite: ViteDevServer, version?: string): BundledDev {
  const environments = vite.environments as Partial<ViteDevServer['environments']> | undefined
  const found = (environments?.client as { bundledDev?: unknown } | undefined)?.bundledDev
  const missing = found ? missingMembers(found) : []
  if (found && missing.length === 0) return found as BundledDev
  const name = version === undefined ? 'This Vite' : `Vite ${version}`
  throw new ConnectViteError('ERR_UNSUPPORTED', {
    what: found
      ? `${name} lacks members that bundled development needs: ${missing.join(', ')}.`
      : `${name} has no bundled development, which experimental.bundledDev asks for.`,
    lookedIn: vite.config.configFile || undefined,
    likelyCause: found ? 'Vite does not document these members and may change them' : undefined,
    remedy: `Install a Vite that is known to work (npm install -D vite@${KNOWN}), or remove experimental.bundledDev from vite.config.`,
  })
}

/**
 * `server.fs.deny`. Vite compiles the patterns once, and exports the check only from its main module, which this one
 * must not load. Without the compiled check every file counts as denied.
 */
export function isDenied(config: ViteDevServer['config'], file: string): boolean {
  const { fsDenyGlob } = config as { fsDenyGlob?: unknown }
  return typeof fsDenyGlob !== 'function' || fsDenyGlob(file) === true
}

/** The names of members that are not there or of another type. */
export function missingMembers(found: unknown): string[] {
  return Object.entries(MEMBERS).flatMap(([path, type]) => {
    const value = path.split('.').reduce<unknown>((at, name) => member(at, name), found)
    return typeof value === type ? [] : [`bundledDev.${path}`]
  })
}

/** A getter may throw where there is nothing yet. */
function member(holder: unknown, name: string): unknown {
  try {
    return (holder as Record<string, unknown> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}
