// Streamed HTML between the two halves of a page.
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isGone, type Response } from '../http.js'
import { asError } from './handler.js'
import { discard, isReadable, type Source } from './rendered.js'

/**
 * `before` goes out at once, so that the browser loads styles and scripts while the page is rendered.
 * The pipeline waits for slow readers, and destroys the source when the client leaves and the response when
 * the source fails. Rejects in both cases.
 */
export async function sendBetween(
  res: Response,
  { before, source, after }: { before: string; source: Source; after: string },
): Promise<void> {
  const flush = flusher(res)
  const page = new Transform({
    transform(chunk, _encoding, done) {
      done(null, chunk)
      flush()
    },
    flush: (done) => done(null, after),
  })
  page.push(before)
  flush()
  if (isReadable(source)) return pipeline(source, page, res)
  const sent = pipeline(page, res)
  try {
    source.pipe(page)
  } catch (error) {
    page.destroy(asError(error))
  }
  // React hears of the end of the response by the end of `page`; others have to be told.
  return sent.catch((error) => {
    discard(source)
    throw error
  })
}

/** Compression middleware holds small pieces back until its `res.flush()` is called. Call the result after each write. */
export function flusher(res: Response & { flush?: () => void }): () => void {
  let waiting = false
  return () => {
    if (waiting || typeof res.flush !== 'function') return
    waiting = true
    setImmediate(() => {
      waiting = false
      if (!res.writableEnded && !isGone(res)) res.flush?.()
    })
  }
}
