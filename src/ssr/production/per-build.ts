// What pages and server modules take from the build in use, made once for each build.
import type { Build } from '../../build/load-build.js'
import type { Logger } from '../../logger.js'

/** The build, as far as pages and server modules go. */
export type BuiltApp = Pick<Build, 'base' | 'record'> & {
  directories: readonly { outDir: string }[]
}

/** Runs `make` for the build that is current, and again for the next one. */
export type PerBuild = <T>(make: (build: BuiltApp) => T) => () => T

export interface BuildCache {
  perBuild: PerBuild
  /** Makes everything of the build that is current now. */
  refresh(): void
}

/** What cannot be made of a new build stays as it was, and the reason is logged. */
export function createBuildCache(current: () => BuiltApp, logger: Logger): BuildCache {
  const parts: (() => unknown)[] = []
  return {
    perBuild(make) {
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
    },
    refresh() {
      for (const part of parts) part()
    },
  }
}
