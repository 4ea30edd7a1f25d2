// The only place where Vite is loaded: the app's own copy, found from its root.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectViteError } from '../../errors.js'

/** What the app's Vite exports. Typed as the newest one; older ones lack parts of it. */
export type ViteModule = typeof import('vite')

/** The oldest major that works. */
const OLDEST = 5

/**
 * Imports `vite` as a module in `root` would.
 *
 * @throws ConnectViteError `ERR_VITE_NOT_INSTALLED`, or `ERR_UNSUPPORTED` when it is too old
 */
export async function loadVite(root: string): Promise<ViteModule> {
  const manifest = findPackage(root)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  if (Number.parseInt(version, 10) < OLDEST) {
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
