// HTML entries in production: what `vite build` wrote, in memory.
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ConnectViteError } from '../../errors.js'
import { pathInRoot } from '../../paths.js'
import { baseAt, isRelative } from '../../urls.js'
import type { Pages } from '../host.js'
import type { PerBuild } from './per-build.js'

/** A URL that begins with a dot, as Vite writes those of the build. */
const RELATIVE = /(\s(?:src|href|poster)\s*=\s*["']?)(\.{1,2}\/[^\s"'<>?#]*)/gi
/** A mount path with a parameter comes from the request: how many of them are remembered. */
const MOUNTS = 100

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

/**
 * A page of a build with a relative base: its URLs start from where the app is mounted, so that an address of
 * any depth works.
 *
 * @param file the page's own path below `outDir`
 * @param isBuilt whether `outDir` has this file. Other links are the author's own
 */
function pageAt<Page>(
  html: string,
  file: string,
  isBuilt: (path: string) => boolean,
  compile: (html: string) => Page,
): (mount: string) => Page {
  const pages = new Map<string, Page>()

  function make(mount: string): Page {
    const base = baseAt('./', mount).replaceAll("'", '%27')
    return compile(
      html.replace(RELATIVE, (whole, before: string, url: string) => {
        const path = posix.join(posix.dirname(file), url)
        return isBuilt(decode(path)) ? before + base + path : whole
      }),
    )
  }

  return (mount) => {
    const page = pages.get(mount) ?? make(mount)
    if (pages.size >= MOUNTS) pages.clear()
    pages.set(mount, page)
    return page
  }
}

function decode(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
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
