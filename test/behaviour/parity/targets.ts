// What is asked for: every file, chunk and route of the site, each at the URL that it has in that mode.
import type { Manifest } from '../../../src/index.js'
import { assets, entries, pages, pluginFiles, publicFiles, routes, sources } from './site.js'

/** Where the parts of the site are in one mode. */
export interface Place {
  /** Before files of Vite, with a slash at the end: the base, or the mount path where the base is relative. */
  readonly files: string
  /** Before routes of the app, without a slash at the end. */
  readonly app: string
  /** In production: what the sources became. */
  readonly manifest: Manifest | undefined
  /** In production: the file that the worker became. */
  readonly workers: string | undefined
  /** What `viteAsset()` prints for a source. */
  readonly assets: Readonly<Record<string, string>>
}

export interface Target {
  readonly group: string
  readonly name: string
  url(place: Place): string
}

const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** Without a manifest a source is at its own path. */
const built =
  (source: string, pick: (chunk: Manifest[string]) => string | undefined) =>
  ({ manifest, files }: Place) => {
    const chunk = manifest?.[source]
    if (manifest && !chunk) throw new Error(`${source} is not in the manifest`)
    return files + encode(chunk ? (pick(chunk) ?? 'nothing') : source)
  }

function targetsOf(
  group: string,
  names: readonly string[],
  url: (name: string) => (place: Place) => string,
): Target[] {
  return names.map((name) => ({ group, name, url: url(name) }))
}

const fileAt =
  (path: string) =>
  ({ files }: Place) =>
    files + path
const routeAt =
  (path: string) =>
  ({ app }: Place) =>
    app + path

const scripts = [
  'src/main.ts',
  'src/other.ts',
  'src/lazy.ts',
  'src/pages/one.ts',
  'src/pages/two.ts',
]

export const targets: readonly Target[] = [
  ...targetsOf('public', Object.keys(publicFiles), (name) => fileAt(encodeURI(name))),
  ...targetsOf(
    'public, with a query',
    ['robots.txt', 'photo.png', 'plain.js', 'plain.css', 'widget.html', 'data.json', 'terms.pdf'],
    (name) => fileAt(`${name}?v=1`),
  ),
  ...targetsOf(
    'public, misspelled',
    [
      ...[
        'robots.txt/',
        'Robots.txt',
        'robots%2Etxt',
        '%72obots.txt',
        './robots.txt',
        'nested//deep/file.txt',
      ],
      ...['nested/../robots.txt', 'nested%2Fdeep%2Ffile.txt', 'nested', 'nested/', 'nested/deep'],
      ...['with+space.txt', 'percent%.txt', '.well-known', '.well-known/'],
    ],
    fileAt,
  ),
  ...targetsOf(
    'asset',
    Object.keys(assets),
    (name) =>
      ({ assets: urls }) =>
        urls[name] ?? 'nothing',
  ),
  ...targetsOf('script', scripts, (name) => built(name, ({ file }) => file)),
  ...targetsOf(
    'style of a script',
    ['src/main.ts', 'src/lazy.ts'],
    (name) =>
      ({ manifest, files }) =>
        files + (manifest ? manifest[name]?.css?.[0] : name.replace('.ts', '.css')),
  ),
  ...targetsOf('style', ['src/theme.css', 'src/lazy-module.css'], (name) =>
    built(name, ({ css, file }) => css?.[0] ?? file),
  ),
  ...targetsOf(
    'worker',
    ['src/worker.ts'],
    (name) =>
      ({ files, workers }) =>
        files + (workers ?? `${name}?worker_file&type=module`),
  ),
  ...targetsOf('page', pages, (name) => fileAt(name)),
  ...targetsOf('plugin', Object.keys(pluginFiles), (name) => fileAt(name)),
  ...targetsOf('route', Object.keys(routes), routeAt),
  ...targetsOf(
    'route, with a query',
    [
      ...[
        '/about?file=/src/main.ts',
        '/about?import',
        '/about?raw',
        '/about?url',
        '/about?v=1',
        '/about?t=1',
      ],
      ...[
        '/api/items?file=photo.png',
        '/api/items.json?v=1',
        '/report.pdf?download',
        '/config.js?v=1',
      ],
    ],
    routeAt,
  ),
  ...targetsOf(
    'missing',
    [
      ...[
        '/missing',
        '/missing/',
        '/missing/deep/path',
        '/missing.html',
        '/missing.htm',
        '/missing.php',
      ],
      ...[
        '/missing.js',
        '/missing.mjs',
        '/missing.css',
        '/missing.scss',
        '/missing.json',
        '/missing.map',
      ],
      ...[
        '/missing.png',
        '/missing.svg',
        '/missing.ico',
        '/missing.webp',
        '/missing.woff2',
        '/missing.mp4',
      ],
      ...[
        '/missing.pdf',
        '/missing.txt',
        '/missing.xml',
        '/missing.wasm',
        '/missing.ts',
        '/missing.vue',
      ],
      ...[
        '/missing.xyz',
        '/missing?query',
        '/missing.js?v=1',
        '/missing.png?v=1',
        '/.missing',
        '/.well-known/missing',
      ],
      ...[
        '/users/jane.roe',
        '/v2.0',
        '/assets/',
        '/assets/missing',
        '/assets/missing.txt',
        '/assets/deep/missing.png',
      ],
      ...[
        '/images/missing.png',
        '/nested/missing.txt',
        '/src/',
        '/pages',
        '/pages/about',
        '/pages/about/',
      ],
      ...[
        '/node_modules/missing',
        '/public',
        '/public/',
        '/dist/index.html',
        '/index',
        '/api/missing',
      ],
    ],
    routeAt,
  ),
  ...targetsOf(
    'lost chunk',
    ['main-00000000.js', 'main-00000000.css', 'logo-00000000.svg', 'letter-00000000.woff2'],
    (name) => fileAt(`assets/${name}`),
  ),
  ...targetsOf(
    'private',
    [
      '.env',
      '.env.local',
      '.git/config',
      '.npmrc',
      'package.json',
      'vite.config.js',
      '.vite/manifest.json',
      '.vite/connect-vite.json',
    ],
    fileAt,
  ),
]

export { entries, sources }
