// From the public options to the frozen settings inside: defaults filled in, paths absolute, one form for each.
import { resolve as resolvePath } from 'node:path'
import type { ViteDevServer } from 'vite'
import { consoleLogger } from '../logger.js'
import type { CrossOrigin } from '../tags/types.js'
import { defaults } from './defaults.js'
import type {
  CommonSettings,
  ConnectViteOptions,
  DevServerOptions,
  ModeName,
  ResolvedDevServer,
  Settings,
} from './types.js'
import { validate } from './validate.js'

/**
 * Checks the options and fills in the defaults. Reads `NODE_ENV` and the working directory now, not at import.
 *
 * @throws ConnectViteError `ERR_OPTION`
 */
export function resolveSettings(options: ConnectViteOptions = {}): Settings {
  validate(options)
  const mode = options.mode ?? modeOf(process.env.NODE_ENV)
  const root = resolvePath(options.root ?? '.')
  const common: CommonSettings = {
    root,
    base: options.base,
    nonce: options.nonce,
    integrity: options.integrity === true ? 'sha384' : (options.integrity ?? defaults.integrity),
    crossorigin: crossOrigin(options.crossorigin),
    attributes: options.attributes ?? defaults.attributes,
    preload: options.preload ?? defaults.preload,
    prefetch: options.prefetch ?? defaults.prefetch,
    cssOrder: options.cssOrder ?? defaults.cssOrder,
    recover: options.recover ?? defaults.recover,
    name: options.name ?? defaults.name,
    logger: options.logger ?? consoleLogger,
  }
  switch (mode) {
    case 'development':
      return Object.freeze({ ...common, mode, devServer: resolveDevServer(options.devServer) })
    case 'stub':
      return Object.freeze({ ...common, mode })
    case 'production':
      return Object.freeze({
        ...common,
        mode,
        outDirs: options.outDir
          ? [options.outDir].flat().map((dir) => resolvePath(root, dir))
          : undefined,
        manifest: options.manifest,
        watch: options.watch ?? defaults.watch,
        immutable: options.immutable,
        maxAge: options.maxAge ?? defaults.maxAge,
        compress: options.compress ?? defaults.compress,
        dictionaries: options.dictionaries ?? defaults.dictionaries,
        cacheSize: options.cacheSize ?? defaults.cacheSize,
        setHeaders: options.setHeaders,
      })
  }
}

/** A page that is not told otherwise is under development; a test needs neither Vite nor a build. */
function modeOf(environment: string | undefined): ModeName {
  if (environment === 'production') return 'production'
  return environment === 'test' ? 'stub' : 'development'
}

function crossOrigin(value: ConnectViteOptions['crossorigin']): CrossOrigin | false | undefined {
  return value === true ? 'anonymous' : value
}

function resolveDevServer(value: ConnectViteOptions['devServer']): ResolvedDevServer {
  const none = { server: undefined, url: undefined, ...defaults.devServer }
  if (value === undefined) return none
  if (typeof value === 'string' || value instanceof URL) return { ...none, url: new URL(value) }
  if ('transformIndexHtml' in value) return { ...none, server: value as ViteDevServer }
  const { url, proxy, config, paths, allowedHosts } = value as DevServerOptions
  return {
    server: undefined,
    url: url === undefined ? undefined : new URL(url),
    proxy: proxy ?? none.proxy,
    config: config ?? none.config,
    paths: paths ?? none.paths,
    allowedHosts: allowedHosts ?? none.allowedHosts,
  }
}
