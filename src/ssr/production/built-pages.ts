// HTML entries in production: what `vite build` wrote, in memory.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectViteError } from '../../errors.js'
import { pathInRoot } from '../../paths.js'
import { isRelative } from '../../urls.js'
import type { Pages } from '../host.js'
import type { PerBuild } from './per-build.js'
import { pageAt } from './relative-base.js'

export function createBuiltPages(root: string, perBuild: PerBuild): Pages {
  return {
    open(file, compile) {
      // Vite writes an HTML entry to the same path below `outDir` that it has below `root`.
      const path = pathInRoot(root, file)
      const current = perBuild(({ base, directories: [build] }) => {
        const html = read(file, build && join(build.outDir, path))
        const finish = (html: string) => compile(html, file)
        if (build && isRelative(base)) {
          return pageAt(html, path, (built) => existsSync(join(build.outDir, built)), finish)
        }
        const page = finish(html)
        return () => page
      })
      return (_url, mount) => current()(mount)
    },
  }
}

function read(file: string, built: string | undefined): string {
  if (built === undefined) throw noPage(file, built)
  try {
    return readFileSync(built, 'utf8')
  } catch (cause) {
    throw noPage(file, built, cause)
  }
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
  })
}
