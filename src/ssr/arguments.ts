// Says no to arguments of page(), ssr(), fetchable() and import() that cannot be meant, before a request finds out.
import { inspect } from 'node:util'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'

export type SsrMethod = 'page' | 'ssr' | 'fetchable' | 'import'

interface Signature {
  /** Whether the path may be left out. */
  hasDefault: boolean
  /** All of them are strings. `undefined`: it takes none, and what a caller such as `map()` adds is no option. */
  options?: readonly string[]
}

const where = ['environment', 'outDir']

const signatures: Record<SsrMethod, Signature> = {
  page: { hasDefault: true },
  ssr: { hasDefault: false, options: ['template', 'outlet', ...where] },
  fetchable: { hasDefault: true, options: where },
  import: { hasDefault: false, options: where },
}

/** @throws ConnectViteError `ERR_OPTION` */
export function checkArguments(method: SsrMethod, [path, options = {}]: readonly unknown[]): void {
  const { hasDefault, options: known } = signatures[method]
  if (!isFilled(path) && !(hasDefault && path === undefined)) throw notAPath(method, path)
  if (!known) return
  if (!isTable(options)) throw wrong(`${method}() takes an object of options`, options)
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) throw unknown(method, name, known)
    if (value === undefined || isFilled(value)) continue
    throw wrong(`The option '${name}' of ${method}() is a string that is not empty`, value)
  }
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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

function unknown(method: string, name: string, known: readonly string[]): ConnectViteError {
  const [near] = nearest(name, [...known], 1)
  return new ConnectViteError('ERR_OPTION', {
    what: `${method}() has no option '${name}'.`,
    remedy: near ? `Did you mean '${near}'?` : `Options are ${known.join(', ')}.`,
  })
}

function wrong(wanted: string, value: unknown): ConnectViteError {
  return new ConnectViteError('ERR_OPTION', {
    what: `${wanted}, not ${show(value)}.`,
    remedy: 'Change it, or leave it out for the default.',
  })
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 })
}
