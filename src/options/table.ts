// Table of every option of connectVite(): what it may be, its default, and the modes that heed it.
import {
  amountOf,
  anyOf,
  type Check,
  either,
  filled,
  flag,
  fn,
  isTable,
  listOf,
  membersOf,
  object,
  oneOf,
  text,
} from '../check.js'

const development = ['development'] as const
const production = ['production'] as const

const httpUrl: Check = {
  wants: "an http or https URL such as 'http://localhost:5173'",
  accepts(value) {
    if (!(typeof value === 'string' || value instanceof URL)) return false
    return URL.canParse(String(value)) && /^https?:$/.test(new URL(value).protocol)
  },
}
const viteServer: Check = {
  wants: 'a ViteDevServer',
  accepts: (value) => isTable(value) && typeof value.transformIndexHtml === 'function',
}
const expression: Check = { wants: 'a RegExp', accepts: (value) => value instanceof RegExp }
const variable: Check = {
  wants: "a name that can begin a template variable, such as 'admin' (letters, digits, _ and $)",
  accepts: (value) => typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value),
}
const logger: Check = {
  wants: 'an object with the methods info, warn and error',
  accepts: (value) =>
    isTable(value) &&
    ['info', 'warn', 'error'].every((method) => typeof value[method] === 'function'),
}

/** `false` and `null` are accepted too, as what a condition in a template leaves. */
const ofKind: Check = {
  wants: 'an object of attributes',
  accepts: (value) => value === false || value === null || isTable(value),
}
const attributes = either(
  membersOf(
    { script: { check: ofKind }, style: { check: ofKind }, preload: { check: ofKind } },
    'an object of script, style and preload attributes',
  ),
  fn,
)
const preload = oneOf('tag', 'header', 'both', false)
const kind = oneOf('style', 'script', 'preload')

/** `devServer: { … }`. */
export const devServerTable = {
  url: { check: httpUrl },
  proxy: { check: flag, default: true },
  config: { check: object, default: {} },
  paths: { check: anyOf(either(filled, expression)), default: [] },
  allowedHosts: { check: either(anyOf(filled), oneOf(true)), default: [] },
} as const

/** `connectVite({ … })`. The table of the reference has the same order. */
export const optionTable = {
  mode: { check: oneOf('development', 'production', 'stub') },
  root: { check: filled },
  base: { check: text },
  outDir: { check: either(filled, listOf(filled)), default: 'dist', modes: production },
  manifest: { check: either(filled, object), modes: production },
  devServer: { check: either(httpUrl, viteServer, membersOf(devServerTable)), modes: development },
  nonce: { check: either(filled, fn) },
  integrity: {
    check: oneOf(true, false, 'sha256', 'sha384', 'sha512'),
    default: false,
    modes: production,
  },
  crossorigin: { check: oneOf(true, false, 'anonymous', 'use-credentials') },
  attributes: { check: attributes, default: {} },
  preload: { check: preload, default: 'tag' },
  prefetch: { check: flag, default: false, modes: production },
  fonts: { check: either(flag, fn), default: false, modes: production },
  cssOrder: {
    check: oneOf('entry-first', 'imports-first'),
    default: 'entry-first',
    modes: production,
  },
  recover: { check: flag, default: false, modes: production },
  name: { check: variable, default: 'vite' },
  watch: { check: flag, default: false, modes: production },
  immutable: { check: fn, modes: production },
  maxAge: { check: amountOf('seconds', 86_400), default: 0, modes: production },
  compress: { check: flag, default: true, modes: production },
  dictionaries: { check: flag, default: true, modes: production },
  cacheSize: { check: amountOf('bytes', 33_554_432), default: 67_108_864, modes: production },
  serveAt: { check: oneOf('base', 'mount'), default: 'base', modes: production },
  setHeaders: { check: fn, modes: production },
  logger: { check: logger },
} as const

/** What one call of `viteTags()` may say; it goes over the option of the same name. */
export const callTable = {
  only: {
    check: {
      ...either(kind, anyOf(kind)),
      wants: "'style', 'script', 'preload' or an array of them",
    },
  },
  attributes: { check: attributes },
  // It is put into the text afterwards.
  nonce: { check: text, key: false },
  preload: { check: preload },
  prefetch: { check: flag },
  page: { check: flag },
} as const
