// Server modules in production: the files of the server build, imported by Node itself.
import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { callFetch } from './fetch-export.js'
import { DEFAULT_ENVIRONMENT, type ServerModule, type ServerModules } from './host.js'
import { onlyInput } from './only-input.js'
import type { BuiltApp, PerBuild } from './production.js'
import { builtFile, serverBuild } from './server-build.js'

type Load = () => Promise<ServerModule>

export function createBuiltModules(root: string, perBuild: PerBuild): ServerModules {
  return {
    open(entry, options) {
      const load = perBuild(
        loaderOf((build) => builtFile(root, serverBuild(root, build, options), entry)),
      )
      return () => load()()
    },
    openFetch(entry, options) {
      const name = options.environment ?? DEFAULT_ENVIRONMENT
      const load = perBuild(
        loaderOf((build) => {
          const server = serverBuild(root, build, options)
          return builtFile(root, server, entry ?? onlyInput([...server.entries.keys()], name))
        }),
      )
      return async (request) => callFetch(await load()(), request, entry ?? name)
    },
  }
}

/**
 * Finds the file now, imports it at the first request and keeps it. Node caches modules by URL, so a file
 * that a later build has rewritten gets a URL of its own.
 */
function loaderOf(find: (build: BuiltApp) => string): (build: BuiltApp) => Load {
  let first: string | undefined
  return (build) => {
    const file = find(build)
    const version = `${file}?t=${statSync(file).mtimeMs}`
    first ??= version
    const url = pathToFileURL(file)
    if (version !== first) url.search = version.slice(file.length)
    let module: Promise<ServerModule> | undefined
    return () => {
      module ??= import(url.href) as Promise<ServerModule>
      return module
    }
  }
}
