// Every Vite that the plugin works on, and what the plugin's tests share.
import { readdirSync, readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'
import type * as Vite8 from 'vite'
import type { BuildRecord, Manifest } from '../../src/build/types.js'
import { type BackendOptions, backend } from '../../src/plugin/index.js'
import { loadVites } from '../support/vites.js'

export type Vite = Pick<typeof Vite8, 'build' | 'createServer' | 'createBuilder'>

export const vites: [name: string, vite: Vite][] = await loadVites()

/** Those with environments. */
export const appVites = vites.slice(1)

/** A config that reads no file and says nothing, with the plugin in it. */
export function configOf(
  root: string,
  options: BackendOptions = {},
  config: Vite8.InlineConfig = {},
): Vite8.InlineConfig {
  const { plugins = [], ...others } = config
  return {
    root,
    configFile: false,
    logLevel: 'silent',
    // Vite 5 goes on looking for a PostCSS config after its build has failed, when the directory is gone already.
    css: { postcss: {} },
    ...others,
    plugins: [backend(options), ...plugins],
  }
}

export function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T
}

export const manifestIn = (outDir: string) => readJson<Manifest>(outDir, '.vite/manifest.json')
export const recordIn = (outDir: string) => readJson<BuildRecord>(outDir, '.vite/connect-vite.json')

/** Every file below, relative, sorted. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(directory.length + 1))
    .sort()
}

/** Where a listening server listens. */
export function portOf(server: Pick<Server, 'address'> | null | undefined): number {
  const address = server?.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen')
  return address.port
}
