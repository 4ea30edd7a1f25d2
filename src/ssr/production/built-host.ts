// Pages and server modules in production: built files, found at creation and once more after each reload.
import type { SsrHost } from '../host.js'
import { createBuiltModules } from './built-modules.js'
import { createBuiltPages } from './built-pages.js'
import { type BuiltApp, createBuildCache } from './per-build.js'
import { createSnapshots } from './snapshots.js'

export interface ProductionInput {
  root: string
  /** Another object after each reload. */
  current(): BuiltApp
  logger: SsrHost['logger']
  nonce: SsrHost['nonce']
  /** Whether the build may change while the app runs. */
  watch: boolean
}

/** In production a reload is announced, so that pages and modules are of the same build. */
export interface ProductionHost extends SsrHost {
  /** Reads pages and finds server modules of the build that is current now. */
  refresh(): void
  close(): void
}

export function createProductionHost({
  root,
  current,
  logger,
  nonce,
  watch,
}: ProductionInput): ProductionHost {
  const { perBuild, refresh } = createBuildCache(current, logger)
  const snapshots = createSnapshots(current().directories[0]?.outDir, watch)
  return {
    pages: createBuiltPages(root, perBuild),
    modules: createBuiltModules(root, perBuild, { snapshots, logger }),
    // Logged by the app's error handler, which finds the original as the cause.
    failures: { failed: (_origin, error) => withoutStack(error), worked: () => {} },
    logger,
    nonce,
    refresh,
    close: snapshots.close,
  }
}

/**
 * Express prints `stack` into the page unless `NODE_ENV` is `production`, even where `expose` is false. So this
 * is the same error with nothing in `stack` that a client must not see. Class, message and properties stay, so that
 * an app's error handler finds its own errors; the original, with its stack for the log, is the `cause`.
 */
export function withoutStack(error: Error): Error {
  const { status, statusCode, expose } = error as Error & {
    status?: unknown
    statusCode?: unknown
    expose?: unknown
  }
  return Object.create(error, {
    stack: { value: `${error.name}: ${error.message}`, writable: true, configurable: true },
    cause: { value: error, writable: true, configurable: true },
    status: { value: status ?? statusCode ?? 500, writable: true, configurable: true },
    expose: { value: expose ?? false, writable: true, configurable: true },
  })
}
