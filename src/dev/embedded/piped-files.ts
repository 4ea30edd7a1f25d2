// Files that Vite pipes into a response without looking back: sirv's `createReadStream(file).pipe(res)`.
import type { Readable } from 'node:stream'
import type { Response } from '../../http.js'

/**
 * Ends with the response what is piped into it, so that a client that leaves releases the descriptor; and breaks the
 * response off when its source fails, which would end the process since nobody else listens. The head is written by
 * then, so there is no status left to say it with.
 *
 * @param failed is told why
 * @returns stops doing so
 */
export function watchPipes(res: Response, failed: (error: Error) => void): () => void {
  const watch = (source: Readable) => {
    res.once('close', () => source.destroy())
    source.once('error', (error) => {
      failed(error)
      res.destroy()
    })
  }
  res.on('pipe', watch)
  return () => void res.off('pipe', watch)
}
