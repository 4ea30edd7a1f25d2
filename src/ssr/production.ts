// Pages and server modules in production: built files, found at creation and once more after each reload.
import type { Build } from '../manifest/build.js'
import { createBuiltModules } from './built-modules.js'
import { createBuiltPages } from './built-pages.js'
import { withoutStack } from './errors.js'
import type { SsrHost } from './host.js'

/** The build, as far as pages and server modules go. */
export type BuiltApp = Pick<Build, 'record'> & { directories: readonly { outDir: string }[] }

export interface ProductionInput {
  root: string
  /** Another object after each reload. */
  current(): BuiltApp
  logger: SsrHost['logger']
  nonce: SsrHost['nonce']
}

/** Runs `make` for the build that is current, and again for the next one. */
export type PerBuild = <T>(make: (build: BuiltApp) => T) => () => T

export function createProductionHost({ root, current, logger, nonce }: ProductionInput): SsrHost {
  const perBuild: PerBuild = (make) => {
    let build = current()
    let made = make(build)
    return () => {
      const now = current()
      if (now === build) return made
      build = now
      try {
        made = make(now)
      } catch (error) {
        logger.error(`The new build is not used for pages and server modules. ${String(error)}`)
      }
      return made
    }
  }
  return {
    pages: createBuiltPages(root, perBuild),
    modules: createBuiltModules(root, perBuild),
    // Logged by the app's error handler, which finds the original as the cause.
    failures: { failed: (_origin, error) => withoutStack(error), worked: () => {} },
    logger,
    nonce,
  }
}
