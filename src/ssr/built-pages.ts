// HTML entries in production: what `vite build` wrote, in memory.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConnectViteError } from '../errors.js'
import type { Pages } from './host.js'
import { pathInRoot } from './paths.js'
import type { BuiltApp, PerBuild } from './production.js'

export function createBuiltPages(root: string, perBuild: PerBuild): Pages {
  return {
    open(file, compile) {
      return perBuild((build) => compile(readBuilt(root, build, file), file))
    },
  }
}

/** Vite writes an HTML entry to the same path below `outDir` that it has below `root`. */
function readBuilt(root: string, { directories: [build] }: BuiltApp, file: string): string {
  const built = build && resolve(build.outDir, pathInRoot(root, file))
  try {
    if (built !== undefined) return readFileSync(built, 'utf8')
  } catch (cause) {
    throw noPage(file, built, cause)
  }
  throw noPage(file, built)
}

function noPage(file: string, built: string | undefined, cause?: unknown): ConnectViteError {
  return new ConnectViteError('ERR_BUILD_NOT_FOUND', {
    what: `The build has no page "${file}".`,
    lookedIn: built,
    likelyCause:
      built === undefined
        ? 'the manifest was given as an object, without a directory'
        : 'it was not built, or the page is not among the build inputs',
    remedy:
      built === undefined
        ? 'Set the outDir option.'
        : `Add it to the inputs in vite.config (backend({ input: [..., '${file}'] })) and run vite build.`,
    cause,
    status: 500,
    expose: false,
  })
}
