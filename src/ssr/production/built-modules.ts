// Server modules in production: the files of the server build, imported by Node itself.
import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { onlyInput } from '../../inputs.js'
import { callFetch } from '../entry-exports.js'
import { DEFAULT_ENVIRONMENT, type ServerModule, type ServerModules } from '../host.js'
import type { PerBuild } from './per-build.js'
import { builtFile, type ServerBuild, serverBuild } from './server-build.js'

type Load = () => Promise<ServerModule>

export function createBuiltModules(root: string, perBuild: PerBuild): ServerModules {
  const loaderOf = createLoaders()
  const find = (
    entryOf: (server: ServerBuild) => string,
    options: Parameters<ServerModules['open']>[1],
  ): Load => {
    const current = perBuild((build) => {
      const server = serverBuild(root, build, options)
      return loaderOf(builtFile(root, server, entryOf(server), options.environment))
    })
    return () => current()()
  }

  const open: ServerModules['open'] = (entry, options) => find(() => entry, options)

  return {
    open,
    openHandler: open,
    openFetch(entry, options) {
      const name = options.environment ?? DEFAULT_ENVIRONMENT
      const load = find(({ entries }) => entry ?? onlyInput([...entries.keys()], name), options)
      return async (request) => callFetch(await load(), request, entry ?? name)
    },
  }
}

/**
 * A module is imported at once, while the files are those of the build that it was found in. Node caches
 * modules by URL, so a file that a later build has rewritten gets a URL of its own.
 */
function createLoaders(): (file: string) => Load {
  const firstSeen = new Map<string, number>()
  return (file) => {
    const { mtimeMs } = statSync(file)
    const url = pathToFileURL(file)
    if (!firstSeen.has(file)) firstSeen.set(file, mtimeMs)
    if (firstSeen.get(file) !== mtimeMs) url.search = `t=${mtimeMs}`
    const module: Promise<ServerModule> = import(url.href)
    // The request that asks for it gets the error.
    module.catch(() => {})
    return () => module
  }
}
