// Grammars of hostile requests: spellings of paths × prefixes × queries × methods × headers.
import type { Random } from '../../support/random.js'
import type { RawRequest } from './raw.js'

/** Vite's own queries, and those of published ways around its checks. */
const QUERIES = [
  ...[
    '',
    '',
    '',
    '?',
    '?raw',
    '?url',
    '?inline',
    '?import',
    '?direct',
    '?worker',
    '?init',
    '?v=1',
    '?t=1',
  ],
  ...[
    '?raw?',
    '?raw??',
    '?import&raw',
    '?import&raw??',
    '?raw&url',
    '?url&inline',
    '?inline&import',
  ],
  ...[
    '?raw?import',
    '?import&?raw',
    '?.svg?.wasm?init',
    '?import&?inline=1.wasm?init',
    '?.svg?raw',
  ],
  ...[
    '?html-proxy&index=0.js',
    '?html-proxy&index=0.css',
    '?commonjs-proxy',
    '?worker_file&type=module',
  ],
  ...[
    '?sharedworker&url',
    '?vue&type=style&lang.css',
    '?%72aw',
    '?raw%00',
    '?x=/src/main.ts',
    '?direct&raw',
  ],
]

const ENDS = [
  ...[
    '',
    '',
    '',
    '',
    '',
    '/',
    '/.',
    '/..',
    '/../',
    '//',
    '.',
    '..',
    ' ',
    '%20',
    '%00',
    '\0',
    '%00.js',
  ],
  ...[
    '#',
    '#/src/main.ts',
    '#?raw',
    ';',
    ';.js',
    '.js',
    '.css',
    '.svg',
    '::$DATA',
    '~',
    '\\',
    '%2f',
    '%5c',
  ],
]

/** Between two segments of a path. */
const SEPARATORS = [
  ...[
    '/',
    '/',
    '/',
    '/',
    '/',
    '//',
    '///',
    '\\',
    '%2f',
    '%2F',
    '%5c',
    '%5C',
    '%252f',
    '/./',
    '/x/../',
  ],
  ...['/%2e/', '/.%2e/', '/%2e%2e/', '/..;/', '/;/', '/..\\', '/ /', '/\0/', '%00/'],
]

/** A path that means another one than it says. */
export const CROOKED = /\/\/|\\|\0|#|%2f|%5c|%00|\/(?:\.|%2e){1,2}(?:\/|$)/i

const ABSOLUTE = [
  '',
  '',
  '',
  '',
  '',
  '',
  'http://127.0.0.1',
  'http://evil.test',
  'HTTP://x:1',
  'https://user@h',
  '//evil.test',
  'file://',
  '*',
]

const METHODS = [
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PROPFIND',
]

/** How one segment may be written. */
const SPELLINGS: readonly ((segment: string, random: Random) => string)[] = [
  (segment) => segment,
  (segment) => segment,
  (segment) => segment,
  encodeURIComponent,
  (segment) => encodeURIComponent(encodeURIComponent(segment)),
  (segment) => segment.toUpperCase(),
  (segment) => segment.replace(/^\./, '%2e'),
  (segment) => segment.replace(/^\./, '%2E'),
  (segment) => segment.replace(/^\./, '%252e'),
  (segment) => segment.replace(/^\./, '\u2024'),
  (segment) => segment.replace(/^\./, '%c0%ae'),
  (segment, { below }) => {
    const at = below(segment.length)
    return `${segment.slice(0, at)}%${segment.charCodeAt(at).toString(16)}${segment.slice(at + 1)}`
  },
]

export interface Grammar {
  /** Paths relative to `root` that requests go for. */
  wanted: readonly string[]
  root: string
  base: string
}

/** A target: nearly right most times, so that it is not refused for a second reason at once. */
export function targetOf({ wanted, root, base }: Grammar, random: Random): string {
  const { one, once } = random
  const parent = root.slice(0, root.lastIndexOf('/'))
  const own = base.slice(0, -1)
  const prefixes = [
    ...[
      '',
      '',
      '',
      `/@fs${root}`,
      `/@fs${root}`,
      `/@fs/${root}`,
      `/@fs/.${root}`,
      `/@fs${root}/src/..`,
    ],
    ...[
      `/@fs${parent}/root`,
      `/@fs${parent}`,
      `/@fs${parent}/root-backup/../root`,
      '/@fs',
      '/@fs/',
    ],
    ...[
      '/@id',
      '/@id/',
      `/@id${root}`,
      `/@id/__x00__${root}`,
      '/@id/__x00__',
      '/@vite',
      '/@vite/..',
      '/@react-refresh/..',
    ],
    ...[
      '/src',
      '/src/..',
      '/src/%2e%2e',
      '/src/..%2f',
      '/public',
      '/node_modules',
      '/node_modules/..',
      '/node_modules/.vite/..',
    ],
    ...[
      '/.',
      '/./.',
      '/..',
      '/../root',
      '/%2e%2e/root',
      '//',
      '/\\',
      '/.well-known',
      '/.well-known/..',
      '/__open-in-editor?file=',
    ],
  ]
  // One in three is written as it should be, so that the spelling is not what saves us.
  if (once(3))
    return `${one([own, `${own}/@fs${root}`, `${own}/@id`])}/${one(wanted)}${one(QUERIES)}`.replace(
      '/@id//',
      '/@id/',
    )
  const path = one(wanted)
    .split('/')
    .map((segment) => (once(3) ? one(SPELLINGS)(segment, random) : segment))
    .reduce((before, segment) => before + (once(4) ? one(SEPARATORS) : '/') + segment, '')
  const withBase = once(8) ? one(['', `${own}/`, `${own}${own}`, `${own}/..`, `${own}%2f`]) : own
  return (
    one(ABSOLUTE) +
    withBase +
    one(prefixes) +
    path +
    (once(2) ? one(ENDS) : '') +
    (once(2) ? one(QUERIES) : '')
  )
}

const DESTINATIONS = [
  '',
  '',
  'document',
  'script',
  'style',
  'image',
  'empty',
  'iframe',
  'worker',
  'serviceworker',
  'nonsense',
]
const ACCEPTS = [
  '',
  '',
  '*/*',
  'text/html,*/*;q=0.8',
  'text/css,*/*;q=0.1',
  'image/avif,*/*',
  'application/json',
  '/',
  ',,,',
]

/** Headers that an app may trust, and that must change nothing here. */
const EXTRAS: readonly (readonly [string, string])[] = [
  ['X-Forwarded-Host', 'localhost'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Prefix', '/@fs'],
  ['X-Original-URL', '/.env'],
  ['X-Rewrite-URL', '/.env'],
  ['Forwarded', 'host=localhost'],
  ['Range', 'bytes=0-'],
  ['If-None-Match', '*'],
  ['Referer', 'http://localhost/src/main.ts'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Sec-Fetch-Mode', 'no-cors'],
  ['Origin', 'http://evil.test'],
  ['Upgrade-Insecure-Requests', '1'],
  ['Connection', 'Host, Origin'],
]

export function headersOf({ one, once }: Random, host: string): [string, string][] {
  const headers: [string, string][] = [['Host', host]]
  const destination = one(DESTINATIONS)
  const accept = one(ACCEPTS)
  if (destination) headers.push(['Sec-Fetch-Dest', destination])
  if (accept) headers.push(['Accept', accept])
  while (once(3)) headers.push([...one(EXTRAS)] as [string, string])
  return headers
}

export function requestOf(grammar: Grammar, random: Random, host = 'localhost'): RawRequest {
  return {
    method: random.one(METHODS),
    target: targetOf(grammar, random),
    headers: headersOf(random, host),
  }
}
