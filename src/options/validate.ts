// Says no to options that cannot be meant, before anything is started.
import { inspect } from 'node:util'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'
import { type Check, devServerChecks, optionChecks } from './checks.js'
import type { ConnectViteOptions } from './types.js'

/**
 * Checks every key and every value.
 *
 * @throws ConnectViteError `ERR_OPTION` for a name that does not exist, or a value of the wrong type
 */
export function validate(options: unknown): asserts options is ConnectViteOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConnectViteError('ERR_OPTION', {
      what: `connectVite() takes an object of options, not ${show(options)}.`,
      remedy: 'Call connectVite() for the defaults, or connectVite({ … }).',
    })
  }
  checkTable(options as Record<string, unknown>, optionChecks, '')
}

function checkTable(table: Record<string, unknown>, checks: Record<string, Check>, path: string) {
  for (const [key, value] of Object.entries(table)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    if (!check) throw unknownOption(path, key, Object.keys(checks))
    if (value === undefined) continue
    // The nested table first: its error names the key that is wrong, not the whole object.
    if (path === '' && key === 'devServer' && isPlain(value))
      checkTable(value, devServerChecks, 'devServer.')
    if (!check.accepts(value)) throw wrongValue(path + key, check, value)
  }
}

/** An options object, as against a URL or a ViteDevServer. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    Object.prototype.toString.call(value) === '[object Object]' &&
    !(value instanceof URL) &&
    !('transformIndexHtml' in (value as object))
  )
}

function unknownOption(path: string, key: string, known: string[]): ConnectViteError {
  const near = nearest(key, known, 1)[0]
  return new ConnectViteError('ERR_OPTION', {
    what: `connectVite() has no option '${path}${key}'.`,
    remedy: near
      ? `Did you mean '${path}${near}'?`
      : `Options are ${known.map((name) => path + name).join(', ')}.`,
  })
}

function wrongValue(name: string, check: Check, value: unknown): ConnectViteError {
  return new ConnectViteError('ERR_OPTION', {
    what: `The option '${name}' cannot be ${show(value)}.`,
    remedy: `Set it to ${check.wants}, or leave it out for the default.`,
  })
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 })
}
