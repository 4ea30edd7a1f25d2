// Starts the embedded Vite with the app's vite.config, and explains it when that fails.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
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
  const { createServer } = await loadVite(settings.root)
  const create = () => createServer(inlineConfig(settings, plugin))
  try {
    return await create()
  } catch (err) {
    if (!isFromBundledConfig(err)) throw explain(err, settings.root)
    return await withSourceMaps(create).catch((again) => {
      throw explain(again, settings.root)
    })
  }
}

function inlineConfig(
  { root, base, devServer: { config, allowedHosts } }: DevelopmentSettings,
  plugin: Plugin,
): InlineConfig {
  const over: InlineConfig = config
  const hosts = allowedHosts === true ? true : [...allowedHosts]
  return {
    root,
    ...(base === undefined ? {} : { base }),
    appType: 'custom',
    ...over,
    plugins: [plugin, appInCharge, ...(over.plugins ?? [])],
    server: {
      middlewareMode: true,
      cors: false,
      ...(hosts === true || hosts.length > 0 ? { allowedHosts: hosts } : {}),
      ...over.server,
    },
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

function explain(cause: unknown, root: string): ConnectViteError {
  const { message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause))
  return new ConnectViteError('ERR_VITE_START', {
    what: `Vite did not start: ${stripVTControlCharacters(message).trim()}`,
    lookedIn: placeInConfig(stack, root),
    remedy: 'Mend it and load the page again: the next request starts Vite anew.',
    cause,
    status: 500,
    expose: false,
  })
}

/** File, line and column of the frame that is nearest to what the app wrote. */
function placeInConfig(stack: string, root: string): string | undefined {
  for (const [, path = '', place = ''] of stack.matchAll(FRAME)) {
    if (path.replace('/.vite-temp/', '').includes('/node_modules/')) continue
    // The map names its source relative to a directory that it does not tell (before Vite 8).
    const file = existsSync(path) ? path : join(root, basename(path))
    if (existsSync(file)) return `${file}:${place}`
  }
  return undefined
}

/** A line of a stack that names a file: its path, and line and column. */
const FRAME = /^\s+at .*?(?:file:\/\/)?((?:\/|[A-Za-z]:)[^():]+):(\d+:\d+)\)?$/gm
