// Starts the embedded Vite with the app's vite.config, and explains it when that fails.
import { stripVTControlCharacters } from 'node:util'
import type { InlineConfig, Plugin, ViteDevServer } from 'vite'
import { ConnectViteError } from '../errors.js'
import type { DevelopmentSettings } from '../options/types.js'
import { loadVite } from './load-vite.js'

/**
 * A Vite without a port of its own that answers modules and nothing else: no HTML, no CORS, no 404.
 * `devServer.config` is laid over all of it.
 *
 * @throws ConnectViteError `ERR_VITE_NOT_INSTALLED`, `ERR_UNSUPPORTED`, or `ERR_VITE_START` when
 * `vite.config` or a plugin fails
 */
export async function createVite(
  settings: DevelopmentSettings,
  plugin: Plugin,
): Promise<ViteDevServer> {
  const { root, base, devServer } = settings
  const { createServer, mergeConfig } = await loadVite(root)
  const { allowedHosts } = devServer
  const ours: InlineConfig = {
    root,
    ...(base === undefined ? {} : { base }),
    appType: 'custom',
    plugins: [plugin, appInCharge],
    server: {
      middlewareMode: true,
      cors: false,
      ...(allowedHosts === true ? { allowedHosts } : {}),
      ...(allowedHosts !== true && allowedHosts.length ? { allowedHosts: [...allowedHosts] } : {}),
    },
  }
  const create = () => createServer(mergeConfig(ours, devServer.config))
  try {
    return await create()
  } catch (err) {
    if (!isFromBundledConfig(err)) throw explain(err)
    return await withSourceMaps(create).catch((again) => {
      throw explain(again)
    })
  }
}

/** What a config written for `vite` on its own says about the terminal and TLS is the app's business here. */
const appInCharge: Plugin = {
  name: 'connect-vite:app-in-charge',
  config: {
    order: 'post',
    handler(user) {
      // With `https` Vite would leave out its host check, for a server that is not its own.
      delete user.server?.https
      return { clearScreen: user.clearScreen ?? false }
    },
  },
}

/** Vite bundles `vite.config` into a temporary file, and stacks then speak of lines that nobody wrote. */
function isFromBundledConfig(err: unknown): boolean {
  return err instanceof Error && /\.timestamp-\d+-\w+\.mjs:\d+/.test(err.stack ?? '')
}

/** Tries once more with Node's source maps, which that temporary file carries. */
async function withSourceMaps<T>(work: () => Promise<T>): Promise<T> {
  const before = process.sourceMapsEnabled
  process.setSourceMapsEnabled(true)
  try {
    return await work()
  } catch (err) {
    void (err as Error).stack // a stack is written at its first reading
    throw err
  } finally {
    process.setSourceMapsEnabled(before)
  }
}

function explain(cause: unknown): ConnectViteError {
  const { message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause))
  return new ConnectViteError('ERR_VITE_START', {
    what: `Vite did not start: ${stripVTControlCharacters(message).trim()}`,
    lookedIn: placeInConfig(stack),
    remedy: 'Mend it and load the page again: the next request starts Vite anew.',
    cause,
    status: 500,
    expose: false,
  })
}

/** File and line of the frame that is nearest to what the app wrote. */
function placeInConfig(stack: string): string | undefined {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const mine = frames.find((line) => !/node_modules\/(?!\.vite-temp)|node:/.test(line))
  return mine?.match(/(?:file:\/\/)?(\/[^\s()]+:\d+:\d+|[A-Za-z]:[^\s()]+:\d+:\d+)/)?.[1]
}
