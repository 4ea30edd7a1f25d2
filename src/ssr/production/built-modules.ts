// Server modules in production: the files of the server build, imported by Node itself.
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onlyInput } from '../../inputs.js'
import type { Logger } from '../../logger.js'
import { callFetch } from '../entry-exports.js'
import { DEFAULT_ENVIRONMENT, type ServerModule, type ServerModules } from '../host.js'
import type { PerBuild } from './per-build.js'
import { builtFile, type ServerBuild, serverBuild } from './server-build.js'
import type { Snapshots } from './snapshots.js'

type Load = () => Promise<ServerModule>

export function createBuiltModules(
  root: string,
  perBuild: PerBuild,
  { snapshots, logger }: { snapshots: Snapshots; logger: Logger },
): ServerModules {
  const find = (
    entryOf: (server: ServerBuild) => string,
    options: Parameters<ServerModules['open']>[1],
  ): Load => {
    const loaderOf = createLoader(logger)
    const current = perBuild((build) => {
      const server = serverBuild(root, build, options)
      const file = builtFile(root, server, entryOf(server), options.environment)
      return loaderOf(join(snapshots.of(server.outDir), relative(server.outDir, file)))
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
 * A module is imported at once, while the files are those of the build that it was found in. One that fails is an
 * error of the first build; later ones leave the last good module in use.
 */
function createLoader(logger: Logger): (file: string) => Load {
  let good: Promise<ServerModule> | undefined
  let url: string | undefined
  let load: Load = () => Promise.reject()
  return (file) => {
    const { href } = pathToFileURL(file)
    if (href === url) return load
    url = href
    const before = good
    const module: Promise<ServerModule> = import(href)
    module.then(
      () => {
        good = module
      },
      (error) => {
        if (before) logger.error(`The last good server module stays in use. ${String(error)}`)
      },
    )
    load = before ? () => module.catch(() => before) : () => module
    return load
  }
}
