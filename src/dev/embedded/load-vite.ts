// The loader of Vite: the app's own copy, found from its root.
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectViteError } from '../../errors.js'

/** What the app's Vite exports. Typed as the newest one; older ones lack parts of it. */
export type ViteModule = typeof import('vite')

/** The oldest major that works. */
const OLDEST = 5

/**
 * Imports `vite` as a module in `root` would: from `node_modules`, from pnpm's store, or from Yarn's archives.
 *
 * @throws ConnectViteError `ERR_VITE_NOT_INSTALLED`, or `ERR_UNSUPPORTED` when it is too old
 */
export async function loadVite(root: string): Promise<ViteModule> {
  const manifest = findPackage(root)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  // No range of a peer dependency says it: npm keeps optional peers through `npm ci --omit=dev`.
  if (!(Number.parseInt(version, 10) >= OLDEST)) {
    throw new ConnectViteError('ERR_UNSUPPORTED', {
      what: `Vite ${version} is too old for connect-vite.`,
      lookedIn: manifest,
      remedy: `Install Vite ${OLDEST} or newer: npm install -D vite@latest`,
    })
  }
  // The ES module, by the path that every supported major has. Vite 5's `require` condition leads to a
  // CommonJS shim that lacks half of the functions.
  return import(pathToFileURL(join(manifest, '../dist/node/index.js')).href)
}

function findPackage(root: string): string {
  try {
    return createRequire(join(root, 'vite.config.js')).resolve('vite/package.json')
  } catch (cause) {
    throw new ConnectViteError('ERR_VITE_NOT_INSTALLED', {
      what: 'Development mode needs Vite, and it could not be found.',
      lookedIn: join(root, 'node_modules/vite'),
      likelyCause:
        'vite is not installed there, or this is production without NODE_ENV=production.',
      remedy: "Run npm install -D vite, or set mode: 'production' (NODE_ENV=production).",
      cause,
    })
  }
}

/**
 * Refuses to start Vite where a build or a server lies and nothing is to be developed: a production machine on which
 * `NODE_ENV` was forgotten. Vite would serve any file below `root`, the server's own source too.
 *
 * @throws ConnectViteError `ERR_VITE_START`
 */
export function assertSources(root: string): void {
  const found = lookInto(root)
  if (found === 'sources' || found === 'nothing') return
  throw new ConnectViteError('ERR_VITE_START', {
    what: `Vite is not started: there is ${found}, and neither a vite.config nor a source file for browsers.`,
    lookedIn: root,
    likelyCause: 'this is production, and NODE_ENV=production is not set',
    remedy:
      "Set NODE_ENV=production, or write connectVite({ mode: 'production' }). To develop, set root to the directory of vite.config.",
  })
}

const CONFIG = /^(?:vite\.config\.[cm]?[jt]s|index\.html)$/
/** Declarations are no sources, nor are HTML files, which may be templates. */
const FOR_BROWSERS =
  /(?<!\.d)\.(?:[cm]?ts|[jt]sx|vue|svelte|astro|css|scss|sass|less|styl(?:us)?|p(?:ost)?css|sss)$/
const SCRIPT = /\.[cm]?js$/
const SERVER = /^(?:server|app|index|start|www)\.[cm]?js$/
/** Neither holds sources: `public/` is copied as it is. */
const PASSED_BY = new Set(['node_modules', 'public'])
/** A bound for a huge directory. Every real project shows a source far sooner. */
const MOST_FILES = 5000

/** Stops at the first file that tells. Beside a build a script may be the server's, and tells nothing. */
function lookInto(root: string): 'sources' | 'a build' | 'a server' | 'nothing' {
  if (entriesOf(root).some(({ name }) => CONFIG.test(name))) return 'sources'
  let hasBuild = false
  let hasServer = false
  let hasScript = false
  let seen = 0
  const queue = [root]
  for (const directory of queue) {
    const items = entriesOf(directory)
    if (directory !== root && isBuild(directory, items)) {
      hasBuild = true
      continue
    }
    for (const item of items) {
      if (item.isDirectory()) {
        if (!PASSED_BY.has(item.name) && item.name[0] !== '.')
          queue.push(join(directory, item.name))
      } else if (FOR_BROWSERS.test(item.name)) return 'sources'
      else if (directory === root && SERVER.test(item.name)) hasServer = true
      else hasScript ||= SCRIPT.test(item.name)
    }
    seen += items.length
    if (seen > MOST_FILES) return 'sources'
  }
  if (hasBuild) return 'a build'
  if (hasScript) return 'sources'
  return hasServer ? 'a server' : 'nothing'
}

/** `.vite/` may have been lost on the way, so the usual name counts too. */
function isBuild(directory: string, items: readonly Dirent[]): boolean {
  return basename(directory) === 'dist' || items.some(({ name }) => name === '.vite')
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
