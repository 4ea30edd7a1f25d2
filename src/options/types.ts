// Types of the public options, and of the frozen settings, which follow from the table.

import type { Manifest } from '../build/types.js'
import type { Request, Response } from '../http.js'
import type { Logger } from '../logger.js'
import type { AttributeOption, CrossOrigin, PreloadPlace } from '../tags/types.js'
import type { InlineConfig, ViteDevServer } from '../vite-types.js'
import type { optionTable } from './table.js'

/** How the middleware works: with Vite, from a build, or with neither. */
export type ModeName = 'development' | 'production' | 'stub'

/** Where the development server is, or how it is started. */
export interface DevServerOptions {
  /** A Vite that already runs, for example `http://localhost:5173`. */
  url?: string | URL
  /** `false`: print absolute URLs of `url` instead of forwarding. @default true */
  proxy?: boolean
  /** Laid over `vite.config` of the embedded server. */
  config?: InlineConfig
  /** URL prefixes or expressions that are Vite's too, such as `/__inspect/`. */
  paths?: ReadonlyArray<string | RegExp>
  /** Host names that may reach the dev server; `.example.test` covers subdomains, `true` any host. */
  allowedHosts?: readonly string[] | true
}

/** Options of `connectVite()`. Every one has a default that is right for most apps. */
export interface ConnectViteOptions {
  /** @default by `NODE_ENV`: `production` → production, `test` → stub, anything else → development */
  mode?: ModeName
  /** Vite's root, where `vite.config.*` is. @default process.cwd() */
  root?: string
  /** Public base path, `./`, or a full URL (CDN). @default what the build recorded or Vite's config says, else '/' */
  base?: string
  /** Build directory; further ones are older builds whose hashed files are still served. @default 'dist' */
  outDir?: string | readonly string[]
  /** Manifest path relative to `outDir`, or the object itself. @default '.vite/manifest.json', else 'manifest.json' */
  manifest?: string | Manifest
  /** @default a running `vite` that the plugin announced, else an embedded server */
  devServer?: string | URL | ViteDevServer | DevServerOptions
  /** CSP nonce. @default res.locals.cspNonce */
  nonce?: string | ((req: Request, res: Response) => string | undefined)
  /** Subresource integrity; `true` means sha384. @default false */
  integrity?: boolean | 'sha256' | 'sha384' | 'sha512'
  /** @default absent for same-origin assets, 'anonymous' when cross-origin or with integrity */
  crossorigin?: boolean | CrossOrigin
  /** Attributes by kind of tag, or a function per tag that may return `false` to drop it. @default {} */
  attributes?: AttributeOption
  /** Where module preloads go. @default 'tag' */
  preload?: PreloadPlace
  /** `<link rel="prefetch">` for what dynamic imports need. @default false */
  prefetch?: boolean
  /**
   * `<link rel="preload" as="font">` for the fonts of an entry and its imports, or for those of which a function
   * of the file, relative to `outDir`, returns `true`. `true` leaves out other formats of a WOFF 2 font. Production only.
   *
   * @default false
   */
  fonts?: boolean | ((file: string) => boolean)
  /** Stylesheet order: as Vite's backend guide has it, or as Vite's own HTML build has it. @default 'entry-first' */
  cssOrder?: 'entry-first' | 'imports-first'
  /** Print a small script that reloads a stale page once. @default false */
  recover?: boolean
  /** Prefix of the locals: `viteTags`, `viteAsset`, `viteInline`. @default 'vite' */
  name?: string
  /** Re-read the build when it changes. @default false */
  watch?: boolean
  /** Which files never change. @default recorded by the plugin, else a hash in a file that the manifest lists */
  immutable?: (file: string) => boolean
  /** `max-age` in seconds for files that are not immutable. @default 0 */
  maxAge?: number
  /** Compress what the build did not. @default true */
  compress?: boolean
  /**
   * Send returning visitors only the difference to the script or stylesheet of an earlier build that their browser
   * still has (compression dictionaries, {@link https://www.rfc-editor.org/rfc/rfc9842 RFC 9842}). Earlier builds are
   * further directories in `outDir`, what the plugin's `keep` kept, and the build before a reload. Has no effect where
   * Node's zlib cannot use Zstandard with a dictionary (Node 20).
   *
   * @default true
   */
  dictionaries?: boolean
  /** Bytes of file bodies kept in memory. @default 67108864 */
  cacheSize?: number
  /**
   * Where requests for built files arrive: below `base`, or where the middleware is mounted because a proxy in front
   * strips the base from the path. Tags carry `base` in both cases.
   *
   * @default 'base'
   */
  serveAt?: 'base' | 'mount'
  /** Called before a file is sent. @default undefined */
  setHeaders?: (res: Response, file: string) => void
  /** @default the console, prefixed with [connect-vite] */
  logger?: Logger
}

type Table = typeof optionTable

/** Options that a mode heeds. */
type HeededBy<Mode extends ModeName> = {
  [Name in keyof Table]: Table[Name] extends { modes: readonly (infer Modes)[] }
    ? Mode extends Modes
      ? Name
      : never
    : Name
}[keyof Table]

/** Settings that take another form than their option. */
export interface Forms {
  /** Absolute. */
  root: string
  /** Absolute; `undefined` means: where the plugin's record is, else `dist`. */
  outDir: readonly string[] | undefined
  integrity: false | 'sha256' | 'sha384' | 'sha512'
  /** `undefined` means: by URL. */
  crossorigin: CrossOrigin | false | undefined
  devServer: ResolvedDevServer
  logger: Logger
}

/** `devServer` in its one inner form. */
export interface ResolvedDevServer extends Required<Omit<DevServerOptions, 'url'>> {
  /** The app's own server, if it gave one. */
  readonly server: ViteDevServer | undefined
  readonly url: URL | undefined
}

/** The value inside of an option: its form, or what was given, or the default. */
type Setting<Name extends keyof Table> = Name extends keyof Forms
  ? Forms[Name]
  : Table[Name] extends { default: unknown }
    ? Required<ConnectViteOptions>[Name]
    : ConnectViteOptions[Name] | undefined

type SettingsOf<Mode extends ModeName> = {
  readonly [Name in HeededBy<Mode>]: Name extends 'mode' ? Mode : Setting<Name>
}

export interface DevelopmentSettings extends SettingsOf<'development'> {}
export interface ProductionSettings extends SettingsOf<'production'> {}
export interface StubSettings extends SettingsOf<'stub'> {}

export type Settings = DevelopmentSettings | ProductionSettings | StubSettings

/** What every mode heeds. */
export type CommonSettings = Omit<StubSettings, 'mode'>
