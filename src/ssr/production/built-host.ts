// Pages and server modules in production: built files, found at creation and once more after each reload.

import { withoutStack } from '../errors.js'
import type { SsrHost } from '../host.js'
import type { BuiltApp, PerBuild } from './per-build.js'
import { createBuiltModules } from './built-modules.js'
import { createBuiltPages } from './built-pages.js'

export interface ProductionInput {
  root: string
  /** Another object after each reload. */
  current(): BuiltApp
  logger: SsrHost['logger']
  nonce: SsrHost['nonce']
}

/** In production the host is told of a reload, so that all of it speaks of the same build. */
export interface ProductionHost extends SsrHost {
  /** Reads pages and finds server modules of the build that is current now. */
  refresh(): void
}

export function createProductionHost({
  root,
  current,
  logger,
  nonce,
}: ProductionInput): ProductionHost {
  const parts: (() => unknown)[] = []

  const perBuild: PerBuild = (make) => {
    let build = current()
    let made = make(build)
    const get = () => {
      const now = current()
      if (now === build) return made
      build = now
      try {
        made = make(now)
      } catch (error) {
        logger.error(`The last good pages and server modules stay in use. ${String(error)}`)
      }
      return made
    }
    parts.push(get)
    return get
  }

  return {
    pages: createBuiltPages(root, perBuild),
    modules: createBuiltModules(root, perBuild),
    // Logged by the app's error handler, which finds the original as the cause.
    failures: { failed: (_origin, error) => withoutStack(error), worked: () => {} },
    logger,
    nonce,
    refresh() {
      for (const part of parts) part()
    },
  }
}
