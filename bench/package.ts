// Loads the compiled package that is measured.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export function load(dist: string): Promise<typeof import('../src/index.js')> {
  return import(pathToFileURL(join(dist, 'index.js')).href)
}
