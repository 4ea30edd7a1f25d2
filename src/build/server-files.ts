// Which files in a build directory are for servers alone: other builds, server builds, manifests, HTML entries.
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { below } from '../paths.js'
import { readJson } from './read-json.js'
import type { Scan, ScannedFile } from './scan.js'
import { type BuildRecord, type Chunks, RECORD_FILE } from './types.js'

/** What is known of a build when its files are told apart. */
export interface DirectoryFacts {
  readonly root: string
  readonly outDir: string
  readonly scan: Scan
  readonly chunks: Chunks
  /** The files that the manifest names. */
  readonly listed: ReadonlySet<string>
  /** Absolute path of the manifest, where it is a file. */
  readonly manifest: string | undefined
  readonly record: BuildRecord | undefined
}

/** Tells files, relative to the directory, that are for servers alone. */
export function serverFiles(facts: DirectoryFacts): (file: string) => boolean {
  const { outDir, scan, manifest, record } = facts
  const files = new Set([
    RECORD_FILE,
    manifest && below(outDir, manifest),
    record?.ssrManifest,
    ...htmlEntries(facts),
    ...manifests(facts),
  ])
  const directories = [...scan.nestedBuilds, ...serverDirectories(facts)]
  for (const file of serverScripts(facts)) {
    const directory = posix.dirname(file)
    if (directory === '.' || holdsListed(directory, facts)) files.add(file)
    else directories.push(`${directory}/`)
  }
  return (file) => files.has(file) || directories.some((directory) => file.startsWith(directory))
}

/**
 * HTML entries are sent by `page()` and `ssr()`, with their nonce and behind the app's guards. Vite writes them to the
 * same path below `outDir` that they have below `root`. Manifests lack those without a script.
 */
function htmlEntries({ root, scan, chunks, record }: DirectoryFacts): string[] {
  const known = new Set([...chunks.keys(), ...(record?.entries ?? [])])
  return [...scan.files.keys()].filter(
    (file) => file.endsWith('.html') && (known.has(file) || isSource(root, file)),
  )
}

function isSource(root: string, file: string): boolean {
  return existsSync(resolve(root, file)) && !existsSync(resolve(root, 'public', file))
}

/** The Vite guide keeps server builds inside: `vite build --ssr src/entry-server.js --outDir dist/server`. */
function serverDirectories({ root, outDir, record }: DirectoryFacts): string[] {
  const recorded = Object.values(record?.servers ?? {}).map((server) => server.outDir)
  return [...recorded, ...outDirsOfScripts(root)].flatMap((directory) => {
    const inner = below(outDir, resolve(root, directory))
    return inner === undefined ? [] : [`${inner}/`]
  })
}

function outDirsOfScripts(root: string): string[] {
  const { scripts } = packageOf(root)
  const commands = Object.values(scripts ?? {}).flatMap((script) =>
    String(script).split(/&&?|\|\|?|;/),
  )
  return commands
    .filter((command) => /\s--ssr\b/.test(command))
    .flatMap((command) => /\s--outDir[= ]+["']?([^\s"']+)/.exec(command)?.[1] ?? [])
}

function packageOf(root: string): { scripts?: Record<string, unknown> } {
  try {
    return JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) ?? {}
  } catch {
    return {}
  }
}

/** Scripts that only a server can load: they import what no browser has, or have a server's name. */
function serverScripts({ scan, listed }: DirectoryFacts): string[] {
  return [...scan.files.values()]
    .filter(({ file }) => SCRIPT.test(file) && !listed.has(file))
    .filter((file) => {
      const head = headOf(file)
      return NODE_IMPORT.test(head) || (SERVER_NAME.test(file.file) && EXPORT.test(head))
    })
    .map(({ file }) => file)
}

const SCRIPT = /\.[cm]?js$/
const SERVER_NAME = /(?:^|[/_.-])(?:server|ssr)(?:[/_.-]|$)/i
const EXPORT = /^\s*(?:export\b|exports\.|module\.exports\b)|\}\s*;?\s*export\b|;\s*export\b/m
/** Bundlers leave static imports at the top. Dynamic ones, and `require()`, stand in scripts for browsers too, behind a condition. */
const NODE_IMPORT =
  /(?:^|[;\n])\s*import\s*(?:[\w$*{}\s,]+?\bfrom\s*)?["'](?:node:|(?:fs|path|https?|http2|stream|crypto|os|url|util|zlib|module|process|child_process|worker_threads|async_hooks)["'/]|[^"'./][^"']*\/server["'./-])/

/** Enough for the imports of a bundle. */
const HEAD = 16 * 1024

function headOf({ path }: ScannedFile): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(HEAD)
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, HEAD, 0))
  } catch {
    return ''
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function holdsListed(directory: string, { listed }: DirectoryFacts): boolean {
  return [...listed].some((file) => file.startsWith(`${directory}/`))
}

/** Manifests under names that nothing says: `build.manifest` and `build.ssrManifest` take any. */
function manifests({ scan, listed }: DirectoryFacts): string[] {
  return [...scan.files.values()]
    .filter((file) => file.file.endsWith('.json') && !listed.has(file.file))
    .filter((file) => MANIFEST_HEAD.test(headOf(file)) && isManifest(file.path, scan))
    .map(({ file }) => file)
}

const MANIFEST_HEAD = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[[{]/

/** A table of chunks that are here, or of the lists of files that modules need. */
function isManifest(path: string, { files }: Scan): boolean {
  const table = tableOf(path)
  const values = Object.values(table)
  // Keys are modules: `src/App.vue`, `_shared-B7PI925R.js`.
  if (values.length === 0 || !Object.keys(table).every((key) => /[./:\0]/.test(key))) return false
  const isHere = (url: unknown) =>
    typeof url === 'string' &&
    url.split('/').some((_, at, parts) => files.has(parts.slice(at).join('/')))
  if (values.every((value) => Array.isArray(value)))
    return values.every((list) => list.length === 0) || values.some((list) => list.some(isHere))
  return values.every((value) => isHere((value as { file?: unknown } | null)?.file))
}

function tableOf(path: string): object {
  try {
    return readJson(path, 'JSON file').value as object
  } catch {
    return {}
  }
}
