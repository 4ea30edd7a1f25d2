// Which files a manifest names, and which of their names carry a hash.
import { posix } from 'node:path'
import type { Chunks } from './types.js'

/** Every output file that the manifest names. */
export function listedFiles(chunks: Chunks): Set<string> {
  const files = new Set<string>()
  for (const { file, css, assets } of chunks.values()) {
    files.add(file)
    for (const style of css ?? []) files.add(style)
    for (const asset of assets ?? []) files.add(asset)
  }
  return files
}

/** Eight characters before the extension, as Rollup and Rolldown write them unless told otherwise. */
const HASH = /(?:^|[/._-])([\w-]{8})\.[^./]+$/

/** The hash in a file name of the usual pattern. */
export function hashIn(file: string): string | undefined {
  return HASH.exec(file)?.[1]
}

/**
 * Without the plugin's record: the listed files with eight characters where a hash would be. `my-checkout.js`
 * looks like that too, but it is the name of its own chunk, so there is no hash in it.
 */
export function hashedFiles(chunks: Chunks, listed: ReadonlySet<string>): Set<string> {
  const plain = new Set<string>()
  for (const [key, { src, name }] of chunks) {
    plain.add(stem(key))
    if (src !== undefined) plain.add(stem(src))
    if (name !== undefined) plain.add(posix.basename(name))
  }
  return new Set([...listed].filter((file) => HASH.test(file) && !plain.has(stem(file))))
}

/** Last segment without extension. By hand, because it is done for every name of a build while the app starts. */
function stem(path: string): string {
  const start = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  return path.slice(start, dot > start ? dot : undefined)
}
