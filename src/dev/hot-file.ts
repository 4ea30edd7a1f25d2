// The hot file: where an external `vite` runs. A hint only; the server's own answer decides, see `isRunning()`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where it lies, relative to Vite's root. */
export const HOT_FILE = 'node_modules/.connect-vite/dev-server.json'

/** The version of {@link HotFile} that this release reads and writes. */
export const HOT_FILE_VERSION = 1

/** What a running `vite` tells of itself. */
export interface HotFile {
  version: number
  /** Origin, for example `http://localhost:5173`. */
  url: string
  /** Vite's resolved `base`, a path with a slash at both ends. */
  base: string
  /** What `transformIndexHtml('/', '')` yields there. */
  head: string
  /** Whether it bundles in memory (`experimental.bundledDev`). */
  bundled?: boolean
  pid: number
  /** Whether the config has `base: './'`, which is `/` while Vite serves. */
  relative?: boolean
}

/** Where that server answers. */
export function hotUrl({ url, base }: HotFile): URL {
  return new URL(base, url)
}

/** The content, or `undefined`: no file, half a file, another version, other JSON. */
export function readHotFile(root: string): HotFile | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(root, HOT_FILE), 'utf8'))
    return isHotFile(found) ? found : undefined
  } catch {
    return undefined
  }
}

function isHotFile(value: unknown): value is HotFile {
  if (typeof value !== 'object' || value === null) return false
  const { version, url, base, head, pid } = value as Partial<Record<keyof HotFile, unknown>>
  return (
    version === HOT_FILE_VERSION &&
    isOrigin(url) &&
    typeof base === 'string' &&
    /^\/(?:[^/].*\/)?$/.test(base) &&
    typeof head === 'string' &&
    typeof pid === 'number'
  )
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, origin } = new URL(value)
  return (protocol === 'http:' || protocol === 'https:') && origin === value.replace(/\/$/, '')
}
