// Settings as the resolution of the options makes them, for tests of a single room.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveSettings } from '../../src/options/resolve.js'
import type {
  ConnectViteOptions,
  DevelopmentSettings,
  ProductionSettings,
} from '../../src/options/types.js'

/** A place without a build, for manifests that are given as objects. */
export const nowhere = join(tmpdir(), 'connect-vite-nowhere')

/** A logger that says nothing. */
export const quiet = { info() {}, warn() {}, error() {} }

export function productionSettings(options: ConnectViteOptions): ProductionSettings {
  return settings<ProductionSettings>({ ...options, mode: 'production' })
}

export function developmentSettings(options: ConnectViteOptions): DevelopmentSettings {
  return settings<DevelopmentSettings>({ ...options, mode: 'development' })
}

function settings<T>(options: ConnectViteOptions): T {
  return resolveSettings({ root: nowhere, logger: quiet, ...options }) as T
}
