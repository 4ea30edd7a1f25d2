// Without the plugin's record: whether a source map was made `hidden`, which shows in the script beside it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** The comment is the last thing in a file, and as long as a file's name. */
const TAIL = 512

/** `true` when nothing points at the map: the script or stylesheet beside it does not name it. */
export function isHiddenMap(outDir: string, map: string): boolean {
  return !tailOf(join(outDir, map.slice(0, -'.map'.length))).includes('sourceMappingURL=')
}

function tailOf(path: string): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(TAIL)
    const start = Math.max(0, fstatSync(descriptor).size - TAIL)
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, TAIL, start))
  } catch {
    return ''
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
