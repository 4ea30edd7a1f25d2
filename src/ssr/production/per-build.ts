// What pages and server modules know of the build that is deployed.
import type { Build } from '../../build/load-build.js'

/** The build, as far as pages and server modules go. */
export type BuiltApp = Pick<Build, 'base' | 'record'> & {
  directories: readonly { outDir: string }[]
}

/** Runs `make` for the build that is current, and again for the next one. */
export type PerBuild = <T>(make: (build: BuiltApp) => T) => () => T
