// What each option may be: one table of checks, and the words an error uses for what was wanted.
import type { ConnectViteOptions, DevServerOptions } from './types.js'

/** One test of a value, and how a person would say what it wants. */
export interface Check {
  wants: string
  accepts(value: unknown): boolean
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text: Check = { wants: 'a string', accepts: (value) => typeof value === 'string' }
const filled: Check = {
  wants: 'a string that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
}
const flag: Check = { wants: 'true or false', accepts: (value) => typeof value === 'boolean' }
const fn: Check = { wants: 'a function', accepts: (value) => typeof value === 'function' }
const amount: Check = {
  wants: 'a number that is 0 or more',
  accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
}
const object: Check = { wants: 'an object', accepts: isObject }

const oneOf = (...values: unknown[]): Check => ({
  wants: `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
  accepts: (value) => values.includes(value),
})
const listOf = (item: Check): Check => ({
  wants: `an array, each item ${item.wants}`,
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(item.accepts),
})
const either = (...checks: Check[]): Check => ({
  wants: checks.map((check) => check.wants).join(', or '),
  accepts: (value) => checks.some((check) => check.accepts(value)),
})
const shape = (wants: string, checks: Record<string, Check>): Check => ({
  wants,
  accepts: (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([key, inner]) => inner === undefined || checks[key]?.accepts(inner),
    ),
})

const httpUrl: Check = {
  wants: "an http or https URL such as 'http://localhost:5173'",
  accepts(value) {
    if (!(typeof value === 'string' || value instanceof URL)) return false
    return URL.canParse(String(value)) && /^https?:$/.test(new URL(value).protocol)
  },
}
const viteServer: Check = {
  wants: 'a ViteDevServer',
  accepts: (value) => isObject(value) && typeof value.transformIndexHtml === 'function',
}
const expression: Check = { wants: 'a RegExp', accepts: (value) => value instanceof RegExp }
/** An empty list is as good as none here; elsewhere (outDir) it is a mistake. */
const manyOf = (item: Check): Check => ({
  wants: `an array of which each item is ${item.wants}`,
  accepts: (value) => Array.isArray(value) && value.every(item.accepts),
})

/** `devServer: { … }`. */
export const devServerChecks: Record<keyof DevServerOptions, Check> = {
  url: httpUrl,
  proxy: flag,
  config: object,
  paths: manyOf(either(filled, expression)),
  allowedHosts: either(manyOf(filled), oneOf(true)),
}

const kinds = { script: object, style: object, preload: object }

/** Every option of `connectVite()`. The compiler sees that none is missing. */
export const optionChecks: Record<keyof ConnectViteOptions, Check> = {
  mode: oneOf('development', 'production', 'stub'),
  root: filled,
  base: text,
  outDir: either(filled, listOf(filled)),
  manifest: either(filled, object),
  devServer: either(
    httpUrl,
    viteServer,
    shape('an object of url, proxy, config, paths and allowedHosts', devServerChecks),
  ),
  nonce: either(filled, fn),
  integrity: oneOf(true, false, 'sha256', 'sha384', 'sha512'),
  crossorigin: oneOf(true, false, 'anonymous', 'use-credentials'),
  attributes: either(shape('an object of script, style and preload attributes', kinds), fn),
  preload: oneOf('tag', 'header', 'both', false),
  prefetch: flag,
  cssOrder: oneOf('entry-first', 'imports-first'),
  recover: flag,
  name: {
    wants: 'a name that can begin a template variable (letters, digits, _ and $)',
    accepts: (value) => typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value),
  },
  watch: flag,
  immutable: fn,
  maxAge: amount,
  compress: flag,
  dictionaries: flag,
  cacheSize: amount,
  setHeaders: fn,
  logger: {
    wants: 'an object with the methods info, warn and error',
    accepts: (value) =>
      isObject(value) &&
      ['info', 'warn', 'error'].every((method) => typeof value[method] === 'function'),
  },
}
