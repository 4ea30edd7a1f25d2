// Start of the embedded Vite with the app's vite.config, and the error where that fails.
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { InlineConfig, Plugin, ViteDevServer } from 'vite'
import { ConnectViteError } from '../../errors.js'
import { handlerModulesPlugin } from '../../handler-module.js'
import type { DevelopmentSettings } from '../../options/types.js'
import { isBelow } from '../../paths.js'
import { bundledDevelopmentPlugin } from '../bundled-development.js'
import { pageClientPlugin } from '../page-client.js'
import { assertSources, loadVite } from './load-vite.js'
import { lostChangesPlugin } from './lost-changes.js'

/**
 * A Vite without a port that answers modules only: no HTML, no CORS, no 404. `devServer.config` is laid over all
 * of it.
 *
 * @param again whether it has failed before: then Vite does not print the reason another time
 * @throws ConnectViteError `ERR_VITE_NOT_INSTALLED`, `ERR_UNSUPPORTED`, or `ERR_VITE_START` when
 * there is nothing to develop, or `vite.config` or a plugin fails
 */
export function createVite(
  settings: DevelopmentSettings,
  plugins: readonly Plugin[],
  again: boolean,
): Promise<ViteDevServer> {
  return hiddenFromWatcher(async () => {
    const loader = loaderUnderTsx(settings)
    try {
      return await create(settings, plugins, again, loader)
    } catch (err) {
      if (!loader.configLoader || !NEEDS_BUNDLE.test((err as Error).message)) throw err
      return create(settings, plugins, again, {})
    }
  })
}

async function create(
  settings: DevelopmentSettings,
  plugins: readonly Plugin[],
  again: boolean,
  loader: InlineConfig,
): Promise<ViteDevServer> {
  const { createServer, resolveConfig } = await loadVite(settings.root).catch((err) => {
    throw err instanceof ConnectViteError ? err : explain(err, settings.root)
  })
  const given: InlineConfig = settings.devServer.config
  // A config that is given in the code needs no file.
  if (given.plugins === undefined && given.configFile === undefined) assertSources(settings.root)
  const config = { ...loader, ...inlineConfig(settings, plugins) }
  const { customLogger: _, ...others } = config
  const silent: InlineConfig = { ...others, logLevel: 'silent' }
  try {
    if (again) await resolveConfig(silent, 'serve')
    return await createServer(config)
  } catch (err) {
    const cause = isFromBundledConfig(err)
      ? await withSourceMaps(async () => (await createServer(silent)).close())
      : undefined
    throw explain(cause ?? err, settings.root)
  }
}

function inlineConfig(
  { root, base, devServer: { config, allowedHosts } }: DevelopmentSettings,
  plugins: readonly Plugin[],
): InlineConfig {
  const over: InlineConfig = config
  const hosts = allowedHosts === true ? true : [...allowedHosts]
  return {
    root,
    ...(base === undefined ? {} : { base }),
    appType: 'custom',
    ...over,
    plugins: [
      ...plugins,
      appInCharge,
      bundledDevelopmentPlugin(),
      pageClientPlugin(),
      handlerModulesPlugin(),
      lostChangesPlugin(),
      ...(over.plugins ?? []),
    ],
    server: {
      middlewareMode: true,
      cors: false,
      ...(hosts === true || hosts.length > 0 ? { allowedHosts: hosts } : {}),
      ...over.server,
    },
  }
}

/** `vite` on its own clears the terminal. Here the terminal is the app's. */
const appInCharge: Plugin = {
  name: 'connect-vite:app-in-charge',
  config: {
    order: 'post',
    handler: (user) => ({ clearScreen: user.clearScreen ?? false }),
  },
}

/** While this is set, Node tells the watching process of every module that is imported. */
const REPORT = 'WATCH_REPORT_DEPENDENCIES'

/**
 * Under `node --watch` the app would be restarted by each start of Vite, whose bundled config is a module for a
 * moment and then a removed file. Vite watches its config, and what that imports, by itself.
 * https://nodejs.org/api/cli.html#--watch
 */
async function hiddenFromWatcher<T>(work: () => Promise<T>): Promise<T> {
  const { [REPORT]: before } = process.env
  if (before === undefined) return work()
  delete process.env[REPORT]
  try {
    return await work()
  } finally {
    process.env[REPORT] = before
  }
}

/**
 * `tsx watch` watches each module that the process loads, in directories beside its own too, and restarts the app when
 * Vite removes its bundled config. Vite's module runner (6.1 and later) loads the config without such a file.
 */
function loaderUnderTsx({ devServer: { config } }: DevelopmentSettings): InlineConfig {
  const given: InlineConfig = config
  const isTsx = TSX.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '))
  return isTsx && given.configLoader === undefined ? { configLoader: 'runner' } : {}
}

/** The files that the command `tsx` has Node load. */
const TSX = /[\\/]tsx[\\/]dist[\\/]/

/** Names of CommonJS, which Vite's bundled config has and its module runner has not. */
const NEEDS_BUNDLE = /\b(?:__dirname|__filename|require|module|exports) is not defined\b/

/** Vite bundles `vite.config` into a temporary file, and stacks then name lines of that file. */
const BUNDLED = /\.timestamp-\d+-\w+\.mjs\b/

function isFromBundledConfig(err: unknown): boolean {
  return err instanceof Error && BUNDLED.test(err.stack ?? '')
}

/** Tries once more with Node's source maps, which that temporary file has. Returns the error. */
async function withSourceMaps(work: () => Promise<void>): Promise<unknown> {
  const before = process.sourceMapsEnabled
  process.setSourceMapsEnabled(true)
  try {
    await work()
    return undefined
  } catch (err) {
    void (err as Error).stack // a stack is written at its first reading
    return err
  } finally {
    process.setSourceMapsEnabled(before)
  }
}

function explain(cause: unknown, root: string): ConnectViteError {
  const { message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause))
  return new ConnectViteError('ERR_VITE_START', {
    what: `Vite did not start: ${stripVTControlCharacters(message).trim()}`,
    lookedIn: placeInConfig(stack, root),
    remedy: 'Fix it. The next request starts Vite again.',
    cause,
  })
}

/** File, line and column of the first frame in a file of the app. */
function placeInConfig(stack: string, root: string): string | undefined {
  const own = ownFile()
  // Where the package is linked its other files are not below `node_modules`; beside a bundle lies the app.
  const besideOwn = isBelow(dirname(own), join(root, 'vite.config.ts')) ? '' : dirname(own)
  const isOurs = (path: string) => path === own || (besideOwn !== '' && isBelow(besideOwn, path))
  for (const [, path = '', place = ''] of stack.matchAll(FRAME)) {
    const isBundled = BUNDLED.test(path)
    if (IN_PACKAGE.test(path) || isOurs(path)) continue
    // Before Vite 8 the map names its source relative to an unknown directory.
    const inRoot = join(root, basename(path).replace(BUNDLED, ''))
    const file = existsSync(path) && !isBundled ? path : inRoot
    // With an `Error.prepareStackTrace` of another package, lines stay those of the bundle.
    if (existsSync(file)) return isBundled ? file : `${file}:${place}`
  }
  return undefined
}

/** A package's, and not the directory in which Vite bundles the config. */
const IN_PACKAGE = /\/node_modules\/(?!\.vite-temp\/)/

/**
 * The file that holds this code. By a stack, because a bundle of CommonJS has no `import.meta.url`; there it is the
 * app's own bundle.
 */
function ownFile(): string {
  const [[, path = ''] = []] = (new Error().stack ?? '').matchAll(FRAME)
  return path
}

/** A line of a stack that names a file: its path, and line and column. */
const FRAME = /^\s+at .*?(?:file:\/\/)?((?:\/|[A-Za-z]:)[^():]+):(\d+:\d+)\)?$/gm
