// Interface of the three modes. The handle and the locals know nothing else of a mode.
import type { Server } from 'node:http'
import type { Handler } from '../http.js'
import type { ModeName } from '../options/types.js'
import type { SsrHost } from '../ssr/host.js'
import type { TagSource } from '../tags/source.js'
import type { ViteDevServer } from '../vite-types.js'

/** What `handle.info()` returns. */
export interface Info {
  mode: ModeName
  base: string
  root: string
  outDir: string | undefined
  /** Path and age (seconds) of the manifest that tags come from. */
  manifest: { path: string; age: number } | undefined
  /** What `viteTags()` knows, as manifest keys. Empty in development and stub. */
  entries: string[]
  /** Number of files that are served. */
  files: number
  /** Bytes of bodies held in memory. */
  bytesCached: number
  /** Bytes that compression dictionaries have saved since the start. */
  bytesSaved: number
  /** URL of the dev server, when it is not the app itself. */
  devServer: string | undefined
}

/** Of a mode that serves no build. */
export function infoWithoutBuild(
  known: Pick<Info, 'mode' | 'base' | 'root'> & Partial<Info>,
): Info {
  return {
    outDir: undefined,
    manifest: undefined,
    entries: [],
    files: 0,
    bytesCached: 0,
    bytesSaved: 0,
    devServer: undefined,
    ...known,
  }
}

export interface Mode {
  /** Answers the request if it is an asset (or Vite's), else calls `next()`. */
  readonly handle: Handler
  /** Where tags and asset URLs come from. */
  readonly tags: TagSource
  /** Where pages and server modules come from. */
  readonly ssr: SsrHost
  /** Whether tags, asset URLs and inline text are known without a request. */
  readonly isReady: boolean
  /** Resolves when the first request could be answered. */
  ready(): Promise<void>
  /** Reads the build again. */
  reload(): Promise<void>
  /** In development: the app begins to listen with this server, so requests will come. */
  listening?(server: Server): void
  /** Idempotent; afterwards nothing keeps the process alive. */
  close(): Promise<void>
  info(): Info
  /** The Vite server inside this process, if there is one. */
  readonly server: ViteDevServer | undefined
}
