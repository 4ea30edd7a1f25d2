// Checks of the arguments of page(), ssr(), fetchable(), import() and handler(), made before any request.
import { checkOptions, filled, isTable, keyOf, type OptionTable, show } from '../check.js'
import { ConnectViteError } from '../errors.js'
import type { ServerModuleOptions } from './host.js'
import type { SsrOptions } from './render.js'

export type SsrMethod = 'page' | 'ssr' | 'fetchable' | 'import' | 'handler'

interface Signature {
  /** Whether the path may be left out. */
  readonly hasDefault: boolean
  /** Without a table there are no options, and what a caller such as `map()` adds is ignored. */
  readonly options?: OptionTable
}

const path = { check: filled }
const where = { environment: path, outDir: path } satisfies OptionTable<ServerModuleOptions>

const signatures: Record<SsrMethod, Signature> = {
  page: { hasDefault: true },
  ssr: {
    hasDefault: false,
    options: { template: path, outlet: path, ...where } satisfies OptionTable<SsrOptions>,
  },
  fetchable: { hasDefault: true, options: where },
  import: { hasDefault: false, options: where },
  handler: { hasDefault: false, options: where },
}

/**
 * Checks the arguments, and returns the same text for those that make the same thing.
 *
 * @throws ConnectViteError `ERR_OPTION`
 */
export function checkArguments(
  method: SsrMethod,
  [file, options = {}]: readonly unknown[],
): string | undefined {
  const { hasDefault, options: table } = signatures[method]
  if (!filled.accepts(file) && !(hasDefault && file === undefined)) throw notAPath(method, file)
  if (!table) return (file as string | undefined) ?? ''
  checkOptions(`${method}()`, options, table)
  const key = keyOf(options as object, table)
  return key === undefined ? undefined : `${file ?? ''}\n${key}`
}

function notAPath(method: string, path: unknown): ConnectViteError {
  const isRequest = isTable(path) && 'headers' in path
  return new ConnectViteError('ERR_OPTION', {
    what: isRequest
      ? `${method}() was called with a request.`
      : `${method}() takes a path, not ${show(path)}.`,
    likelyCause: isRequest ? `it makes a handler, and was taken for one` : undefined,
    remedy: isRequest
      ? `Mount what it returns: app.use(vite.${method}(…)).`
      : 'Give it a path relative to root.',
  })
}
