// Server modules in production: the files of the server build, imported by Node itself.
import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { callFetch } from './fetch-export.js'
import { DEFAULT_ENVIRONMENT, type ServerModule, type ServerModules } from './host.js'
import { onlyInput } from './only-input.js'
import type { PerBuild } from './production.js'
import { builtFile, type ServerBuild, serverBuild } from './server-build.js'

type Load = () => Promise<ServerModule>

export function createBuiltModules(root: string, perBuild: PerBuild): ServerModules {
  const loaderOf = createLoaders()
  /** What `import()` has found, so that it may be called for each request. */
  const opened = new Map<string, Load>()

  const find = (
    entryOf: (server: ServerBuild) => string,
    options: Parameters<ServerModules['open']>[1],
  ): Load => {
    const current = perBuild((build) => {
      const server = serverBuild(root, build, options)
      return loaderOf(builtFile(root, server, entryOf(server)))
    })
    return () => current()()
  }

  return {
    open(entry, options) {
      const key = JSON.stringify([entry, options.environment, options.outDir])
      const load = opened.get(key) ?? find(() => entry, options)
      opened.set(key, load)
      return load
    },
    openFetch(entry, options) {
      const name = options.environment ?? DEFAULT_ENVIRONMENT
      const load = find(({ entries }) => entry ?? onlyInput([...entries.keys()], name), options)
      return async (request) => callFetch(await load(), request, entry ?? name)
    },
  }
}

/**
 * A loader imports its file at the first request and keeps the module. Node caches modules by URL, so a file
 * that a later build has rewritten gets a URL of its own.
 */
function createLoaders(): (file: string) => Load {
  const firstSeen = new Map<string, number>()
  return (file) => {
    const { mtimeMs } = statSync(file)
    const url = pathToFileURL(file)
    if (!firstSeen.has(file)) firstSeen.set(file, mtimeMs)
    if (firstSeen.get(file) !== mtimeMs) url.search = `t=${mtimeMs}`
    let module: Promise<ServerModule> | undefined
    return () => {
      module ??= import(url.href) as Promise<ServerModule>
      return module
    }
  }
}
