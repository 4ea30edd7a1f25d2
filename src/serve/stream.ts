// Files too big for memory: from one descriptor to the client, at the client's pace.
import type { FileHandle } from 'node:fs/promises'
import type { Response } from '../http.js'

/**
 * Sends `length` bytes from `start`. The descriptor is released when that is done, when the client goes away, and when
 * reading fails. Headers are out by now, so what can't be completed is broken off: the client must be able to tell.
 */
export function stream(res: Response, handle: FileHandle, start: number, length: number): void {
  if (length === 0) {
    handle.close().catch(() => {}) // nothing was lost
    res.end()
    return
  }
  const source = handle.createReadStream({ start, end: start + length - 1 })
  let missing = length
  source.on('data', (chunk) => {
    missing -= chunk.length
  })
  source.on('error', () => res.destroy())
  source.on('end', () => {
    // The file shrank meanwhile; another response after too few bytes would be taken for the rest of this one.
    if (missing > 0) res.destroy()
    else res.end()
  })
  res.on('close', () => source.destroy())
  source.pipe(res, { end: false })
}
