// What development and production would find in a directory: Node, Vite, its config, a running dev server, the mode.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { HOT_FILE, readHotFile } from '../dev/hot-file.js'

export interface Surroundings {
  root: string
  node: string
  /** The version of the Vite that `root` finds, if it finds one. */
  vite: string | undefined
  /** `vite.config.*` in `root`. */
  config: string | undefined
  /** The mode that `connectVite()` would choose, and why. */
  mode: { name: string; reason: string }
  /** The URL of a `vite` that announced itself and may be running. */
  devServer: { url: string; file: string } | undefined
}

const CONFIGS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `vite.config.${ending}`)

export function lookAround(root: string): Surroundings {
  const hot = readHotFile(root)
  return {
    root,
    node: process.versions.node,
    vite: viteVersion(root),
    config: CONFIGS.find((name) => existsSync(join(root, name))),
    mode: modeFor(process.env.NODE_ENV),
    devServer: hot && { url: hot.url, file: join(root, HOT_FILE) },
  }
}

function viteVersion(root: string): string | undefined {
  try {
    const file = createRequire(join(root, 'vite.config.js')).resolve('vite/package.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  } catch {
    return undefined
  }
}

function modeFor(environment: string | undefined): Surroundings['mode'] {
  const reason = environment === undefined ? 'NODE_ENV is not set' : `NODE_ENV is ${environment}`
  if (environment === 'production') return { name: 'production', reason }
  return { name: environment === 'test' ? 'stub' : 'development', reason }
}
