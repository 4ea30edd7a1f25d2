// Resolution of the public options to frozen settings: checked, defaults filled in, one form for each.
import { resolve as resolvePath } from 'node:path'
import { checkOptions, type Option, type OptionTable } from '../check.js'
import { consoleLogger } from '../logger.js'
import type { ViteDevServer } from '../vite-types.js'
import { devServerTable, optionTable } from './table.js'
import type {
  ConnectViteOptions,
  DevServerOptions,
  Forms,
  ModeName,
  ResolvedDevServer,
  Settings,
} from './types.js'

const table: OptionTable<ConnectViteOptions> = optionTable
const devServerDefaults = Object.fromEntries(
  Object.entries<Option>(devServerTable).map(([name, option]) => [name, option.default]),
) as unknown as Required<DevServerOptions>

/**
 * Checks the options and fills in the defaults. Reads `NODE_ENV` and the working directory now, not at import.
 *
 * @throws ConnectViteError `ERR_OPTION`
 */
export function resolveSettings(options: ConnectViteOptions = {}): Settings {
  checkOptions('connectVite()', options, table)
  const mode = options.mode ?? modeOf(process.env.NODE_ENV)
  const heeded = Object.entries(table).filter(([, { modes }]) => modes?.includes(mode) ?? true)
  const given = Object.fromEntries(
    heeded.map(([name, option]) => [
      name,
      options[name as keyof ConnectViteOptions] ?? option.default,
    ]),
  )
  const root = resolvePath(options.root ?? '.')
  const formed = Object.entries(forms).filter(([name]) => name in given)
  return Object.freeze({
    ...given,
    ...Object.fromEntries(formed.map(([name, form]) => [name, form(options, root)])),
    mode,
  }) as Settings
}

/** An app that sets nothing is under development; a test needs neither Vite nor a build. */
function modeOf(environment: string | undefined): ModeName {
  if (environment === 'production') return 'production'
  return environment === 'test' ? 'stub' : 'development'
}

type FormOf = { [Name in keyof Forms]: (options: ConnectViteOptions, root: string) => Forms[Name] }

const forms: FormOf = {
  root: (_, root) => root,
  outDir: ({ outDir }, root) =>
    outDir === undefined ? undefined : [outDir].flat().map((dir) => resolvePath(root, dir)),
  integrity: ({ integrity = optionTable.integrity.default }) =>
    integrity === true ? 'sha384' : integrity,
  crossorigin: ({ crossorigin }) => (crossorigin === true ? 'anonymous' : crossorigin),
  devServer: ({ devServer }) => resolveDevServer(devServer),
  logger: ({ logger = consoleLogger }) => logger,
}

function resolveDevServer(value: ConnectViteOptions['devServer']): ResolvedDevServer {
  const none = { ...devServerDefaults, server: undefined, url: undefined }
  if (value === undefined) return none
  if (typeof value === 'string' || value instanceof URL) return { ...none, url: new URL(value) }
  if ('transformIndexHtml' in value) return { ...none, server: value as ViteDevServer }
  const given = Object.entries(value as DevServerOptions).filter(([, it]) => it !== undefined)
  const { url, ...members } = Object.fromEntries(given) as DevServerOptions
  return { ...none, ...members, url: url === undefined ? undefined : new URL(url) }
}
