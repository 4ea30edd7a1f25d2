// Server modules in development: imported or fetched through Vite's environments.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ViteDevServer } from 'vite'
import { ConnectViteError } from '../../errors.js'
import { acceptingModule } from '../../handler-module.js'
import { inputOf, onlyInput } from '../../inputs.js'
import { pathInRoot } from '../../paths.js'
import type { ViteAccess } from '../../vite-types.js'
import { callFetch } from '../entry-exports.js'
import { DEFAULT_ENVIRONMENT, type ServerModule, type ServerModules } from '../host.js'
import { environmentOf } from './environment.js'
import { despiteRestarts, runningVite } from './restarts.js'

export function createDevModules(dev: ViteAccess, root: string): ServerModules {
  async function embedded(): Promise<ViteDevServer> {
    const vite = await runningVite(dev)
    if (!vite) throw needsEmbedded(dev.url)
    return vite
  }

  async function load(name: string, entry: string, accepts = false): Promise<ServerModule> {
    const vite = await embedded()
    // Read anew each time: a restart of Vite replaces its environments.
    return despiteRestarts(vite, () => importFrom(vite, entry, name, accepts))
  }

  async function importFrom(
    vite: ViteDevServer,
    entry: string,
    name: string,
    accepts: boolean,
  ): Promise<ServerModule> {
    const environment = environmentOf(vite, name)
    if (!('runner' in environment) || !environment.runner) throw notRunnable(name, entry)
    const path = pathInRoot(root, entry)
    const file = join(root, path)
    const exists = existsSync(file)
    // All spellings of a file are one module. A virtual module has its name alone.
    const id = !exists ? entry : path.startsWith('../') ? file : `/${path}`
    const accepting = accepts ? acceptingModule(vite, id) : undefined
    try {
      if (accepting !== undefined) await environment.runner.import(accepting)
      return await environment.runner.import(id)
    } catch (error) {
      throw !exists && isPath(entry) && isMissing(error) ? notFound(entry, file, error) : error
    }
  }

  return {
    open(entry, { environment: name = DEFAULT_ENVIRONMENT }) {
      return () => load(name, entry)
    },
    openHandler(entry, { environment: name = DEFAULT_ENVIRONMENT }) {
      return () => load(name, entry, true)
    },
    openFetch(entry, { environment: name = DEFAULT_ENVIRONMENT }) {
      return async (request) => {
        const environment = environmentOf(await embedded(), name)
        if (environment.dispatchFetch) return environment.dispatchFetch(request)
        if (!('runner' in environment)) throw notFetchable(name)
        const input = entry ?? onlyInput(inputOf(environment.config ?? {}), name)
        return callFetch(await load(name, input), request, input)
      }
    },
  }
}

function isPath(entry: string): boolean {
  return !/^[a-z-]+:|^\0|^@/i.test(entry) && /[./]/.test(entry)
}

function isMissing(error: unknown): boolean {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException
  return (
    code === 'ERR_LOAD_URL' || /^(?:Failed to load url|Cannot find module) /.test(message ?? '')
  )
}

function notFound(entry: string, file: string, cause: unknown): ConnectViteError {
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `There is no server entry "${entry}".`,
    lookedIn: file,
    likelyCause: 'the path is not relative to root, or its extension is another one',
    remedy: 'Give the path of the source file, relative to the root option.',
    cause,
  })
}

function notRunnable(name: string, entry: string): ConnectViteError {
  return new ConnectViteError('ERR_UNSUPPORTED', {
    what: `${entry} cannot be imported from the environment "${name}": it runs somewhere else.`,
    likelyCause: 'it is a fetchable environment, or one with a separate transport',
    remedy: 'Use fetchable() if it has dispatchFetch(); talk to others through environment.hot.',
  })
}

/** Cloudflare's environment is one: its plugin answers requests in Vite's own middleware. */
function notFetchable(name: string): ConnectViteError {
  return new ConnectViteError('ERR_UNSUPPORTED', {
    what: `The environment "${name}" cannot be asked with fetchable(): it has neither dispatchFetch() nor a module runner.`,
    likelyCause: "the plugin that made it answers requests in Vite's own middleware",
    remedy:
      "In development mount Vite's middleware in place of fetchable(): app.use((req, res, next) => vite.server.middlewares(req, res, next)), after app.use(vite).",
  })
}

function needsEmbedded(url: string | undefined): ConnectViteError {
  return new ConnectViteError('ERR_SSR_NEEDS_EMBEDDED', {
    what: 'Server modules need a Vite in this process.',
    lookedIn: url,
    likelyCause:
      'the dev server is another process: by the devServer option, or by the hot file of a running `vite`',
    remedy: 'Leave the devServer option out, and do not run `vite` beside the app.',
  })
}
