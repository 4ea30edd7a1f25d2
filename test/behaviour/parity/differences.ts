// Where development may answer otherwise than production, and why. The guide has the same table.
import type { Kind } from './questions.js'
import type { Mode, Setting } from './site.js'

export interface Difference extends Setting {
  readonly mode: Exclude<Mode, 'production'>
  readonly group: string
  readonly name: string
  readonly kind: Kind
  /** What production answers: `200 image/png`, `404 text/html by the app`. */
  readonly production: string
  readonly development: string
}

export interface Rule {
  readonly request: string
  readonly production: string
  readonly development: string
  readonly why: string
  matches(difference: Difference): boolean
}

const MODULE = '200 text/javascript'
export const APP_404 = '404 text/html by the app'

/** What a script imports: everything but documents and stylesheets that a browser would name in HTML. */
const isImport = ({ kind, development }: Difference) => kind === 'script' && development === MODULE

/** Vite is at the top of the app's URLs, and so are the app's routes. */
const sharesUrls = ({ base, mount }: Difference) => base === '/' || (base === './' && mount === '/')

/** Answered by the middleware itself. */
const isFile = (answer: string) => answer.startsWith('200 ') && !answer.endsWith('by the app')

const isRelativeBelow = ({ base, mount }: Difference) => base === './' && mount === '/sub'

/** Differences that are right. */
export const differences: readonly Rule[] = [
  {
    request: 'A script imports an image, a font or another asset',
    production: 'the file',
    development: 'a module that exports its URL',
    why: 'A build has replaced such imports. Vite does it at each request.',
    matches: (one) => isImport(one) && isFile(one.production) && one.production !== MODULE,
  },
  {
    request: 'A script imports an image, a font or another asset that does not exist',
    production: 'the app’s answer, or a plain 404 below the assets directory',
    development:
      'a module that exports its URL, where Vite is asked: below a `base`, and by an external Vite',
    why: 'Vite does not look for the file when it makes that module.',
    matches: (one) =>
      isImport(one) && (one.mode === 'external' || !sharesUrls(one)) && !isFile(one.production),
  },
  {
    request: 'A script, an image or `fetch()` asks for a stylesheet without `text/css` in `Accept`',
    production: 'the stylesheet',
    development: 'a module that inserts it',
    why: 'A stylesheet that a script imports is a module. `Accept` is how Vite tells the two apart.',
    matches: ({ kind, group, production, development }) =>
      group.startsWith('style') &&
      kind !== 'style' &&
      production === '200 text/css' &&
      development === MODULE,
  },
  {
    request: 'A script, a stylesheet or a worker is opened in the address bar, with the base `/`',
    production: 'its text',
    development: 'the app’s answer',
    why: 'Sources and routes share their URLs there, and a route such as `/src` must reach the app.',
    matches: (one) =>
      one.kind === 'navigation' &&
      sharesUrls(one) &&
      one.development === APP_404 &&
      ['script', 'style', 'style of a script', 'worker'].includes(one.group),
  },
  {
    request:
      'A script or stylesheet in `public/`, or of a plugin, is opened in the address bar, from an external Vite with the base `/`',
    production: 'its text',
    development: 'the app’s answer',
    why: 'An external Vite does not tell public files from sources, which are the app’s there.',
    matches: (one) =>
      one.mode === 'external' &&
      one.kind === 'navigation' &&
      sharesUrls(one) &&
      /^(?:public|plugin)/.test(one.group) &&
      /\.(?:m?js|css)(?:\?|$)/.test(one.name) &&
      isFile(one.production) &&
      one.development === APP_404,
  },
  {
    request: 'A hashed file that this build does not have',
    production: 'a plain-text 404, `no-store`',
    development: 'the app’s answer',
    why: 'Development has no hashed files. In production an HTML page must not stand in for a lost script.',
    matches: ({ group, production, development }) =>
      group === 'lost chunk' && production === '404 text/plain' && development === APP_404,
  },
  {
    request: 'A file in `public/` whose type Vite does not know',
    production: '`application/octet-stream`, or the right type',
    development: 'no `Content-Type`',
    why: 'Vite’s list of types is shorter.',
    matches: ({ group, production, development }) =>
      group === 'public' &&
      development === '200 no type' &&
      production.startsWith('200 application/'),
  },
  {
    request: 'A file in `public/` under an unusual spelling: `/%72obots.txt`',
    production: 'the app’s answer',
    development: 'the file',
    why: 'Vite decodes names. Production knows each file by the spelling that browsers send.',
    matches: ({ group, name, production, development }) =>
      group === 'public, misspelled' &&
      /%/.test(name) &&
      production === APP_404 &&
      isFile(development),
  },
  {
    request:
      'A file in `public/` whose name has a sign that `encodeURIComponent` escapes and a browser does not: `/a%2Bb.txt`, `/50%.txt`',
    production: 'the file, under both spellings',
    development: 'the file under the spelling of `viteAsset()`',
    why: 'Vite decodes with `decodeURI`.',
    matches: ({ group, name, production, development }) =>
      (group.startsWith('public, as encode')
        ? /[+&]/.test(name)
        : group === 'public, misspelled' && /%/.test(name)) &&
      isFile(production) &&
      development === APP_404,
  },
  {
    request: 'A file in `public/` without an ending, from an external Vite with the base `/`',
    production: 'the file',
    development: 'the app’s answer',
    why: 'An external Vite does not tell which files it has, and such a name is nearly always a route. Name the file in `devServer.paths`.',
    matches: (one) =>
      one.mode === 'external' &&
      sharesUrls(one) &&
      /^(?:no-extension|CNAME)$/.test(one.name) &&
      isFile(one.production) &&
      one.development === APP_404,
  },
  {
    request: 'A file under `root` that is not part of a build, such as `package.json`',
    production: 'the app’s answer',
    development: 'the file, as a module for a script',
    why: 'Vite serves the whole of `root`. See SECURITY.md.',
    matches: ({ group, name, production, development }) =>
      group === 'private' &&
      name === 'package.json' &&
      production === APP_404 &&
      isFile(development),
  },
  {
    request: "Anything of Vite's, with `base: './'` below a mount path, from an external Vite",
    production: 'the file',
    development: 'the app’s answer',
    why: 'The modules of an external Vite name each other by absolute paths. Start it with `npx vite --base /sub/`; the log names the path.',
    matches: (one) => one.mode === 'external' && isRelativeBelow(one),
  },
  {
    request: 'A script imports an HTML file',
    production: 'the app’s answer, or the file',
    development: 'a 500 with the reason',
    why: 'HTML is no module. The overlay shows where it is imported.',
    matches: ({ kind, group, development }) =>
      kind === 'script' && group === 'page' && development.startsWith('500 '),
  },
]

export interface Fault {
  readonly fault: string
  matches(difference: Difference): boolean
}

/** Faults that are known. The list has to become empty. */
export const known: readonly Fault[] = []
