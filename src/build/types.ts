// The shape of Vite's manifest, as https://vite.dev/guide/backend-integration documents it, and of our own record beside it.

/** One chunk or asset of a build. */
export interface ManifestChunk {
  /** Source file, relative to Vite's root. */
  src?: string
  /** Output file, relative to `outDir`, not URL-encoded. */
  file: string
  /** Stylesheets that the chunk imports. */
  css?: string[]
  /** Other files that the chunk imports. */
  assets?: string[]
  isEntry?: boolean
  name?: string
  /** Vite 7 and later, on CSS entries. */
  names?: string[]
  isDynamicEntry?: boolean
  /** Manifest keys of what is imported statically. May repeat and may be cyclic. */
  imports?: string[]
  /** Manifest keys of what is imported dynamically. */
  dynamicImports?: string[]
}

/** `manifest.json` as Vite writes it. */
export type Manifest = Record<string, ManifestChunk>

/** The manifest inside: a table without a prototype, so `__proto__` is a key like any other. */
export type Chunks = ReadonlyMap<string, ManifestChunk>

/** Where a manifest came from. */
export interface ManifestOrigin {
  /** Absolute path, or `undefined` when the manifest was given as an object. */
  readonly path: string | undefined
  /** When the file was written, in milliseconds since 1970. */
  readonly mtime: number | undefined
}

/** The version of {@link BuildRecord} that this release writes. */
export const RECORD_VERSION = 1

/** Where the record lies, relative to `outDir`. */
export const RECORD_FILE = '.vite/connect-vite.json'

/**
 * What `connect-vite/plugin` records at build, because production cannot guess it.
 * Written to {@link RECORD_FILE} in `outDir`; all paths use `/`.
 */
export interface BuildRecord {
  version: number
  /** Vite's resolved `base`. */
  base: string
  /** `outDir` relative to `root`. */
  outDir: string
  /** `build.assetsDir`. */
  assetsDir: string
  /** The manifest's path relative to `outDir`. */
  manifest: string
  /** Files (relative to `outDir`) whose name carries a hash of their content. */
  hashed: string[]
  /** The hash in each of those names, where the output's pattern tells. */
  hashes?: Record<string, string>
  cssCodeSplit: boolean
  modulePreload: boolean
  /** `hidden`: source maps exist and must not be served. */
  sourcemap: boolean | 'inline' | 'hidden'
  /** Import map file relative to `outDir`, if the build has one. */
  importMap?: string
  /** What `build.ssrManifest` wrote, relative to `outDir`. */
  ssrManifest?: string
  /** Manifest keys of the entries, and HTML entries without a script. */
  entries: string[]
  /** Entries that templates name, and where: `views/home.ejs:3`. */
  found?: Record<string, string[]>
  /** Server builds by environment name; directories are relative to `root`. */
  servers: Record<string, ServerBuildRecord>
}

/** One server environment's build. */
export interface ServerBuildRecord {
  /** Relative to `root`. */
  outDir: string
  /** Source file relative to `root` → built file relative to `outDir`. */
  entries: Record<string, string>
}
