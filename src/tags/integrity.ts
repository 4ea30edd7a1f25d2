// Subresource integrity without a build plugin: hashes of the bytes on disk. https://www.w3.org/TR/sri/
import { createHash } from 'node:crypto'
import { isLoadable } from '../build/kinds.js'
import type { Build } from '../build/load-build.js'
import { listedFiles } from '../build/manifest.js'
import { ConnectViteError } from '../errors.js'
import type { ProductionSettings } from '../options/types.js'

/** File → value of the `integrity` attribute. Empty when the option is off. */
export type Integrity = ReadonlyMap<string, string>

/**
 * Hashes every script and stylesheet that the manifest names, now: what is on disk later may be another build's.
 *
 * @throws ConnectViteError `ERR_BUILD_INCOMPLETE` when the files are not here to be hashed
 */
export function computeIntegrity(
  build: Build,
  algorithm: ProductionSettings['integrity'],
): Integrity {
  const table = new Map<string, string>()
  if (!algorithm) return table
  for (const file of listedFiles(build.chunks)) {
    if (!isLoadable(file)) continue
    try {
      const digest = createHash(algorithm).update(build.read(file)).digest('base64')
      table.set(file, `${algorithm}-${digest}`)
    } catch (cause) {
      throw new ConnectViteError('ERR_BUILD_INCOMPLETE', {
        what: `The integrity of ${file} cannot be computed: the file cannot be read.`,
        lookedIn: build.directories.map(({ outDir }) => outDir),
        likelyCause: 'only the manifest was deployed, and the files live elsewhere',
        remedy: 'Deploy the files beside the manifest, or leave the option integrity out.',
        cause,
      })
    }
  }
  return table
}
