// Sends a stream of HTML between the two halves of a page.
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from '../http.js'
import { asError } from './errors.js'
import type { Source } from './rendered.js'

/**
 * `before` goes out at once, so that the browser loads styles and scripts while the page is rendered.
 * The pipeline waits for slow readers, and destroys the source when the client leaves and the response when
 * the source fails. Rejects in both cases.
 */
export async function sendBetween(
  res: Response,
  { before, source, after }: { before: string; source: Source; after: string },
): Promise<void> {
  const page = new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => done(null, after),
  })
  page.push(before)
  if (source instanceof Readable) return pipeline(source, page, res)
  // Who writes by himself (React) hears of the end of the response by the end of `page`.
  const sent = pipeline(page, res)
  try {
    source.pipe(page)
  } catch (error) {
    page.destroy(asError(error))
  }
  return sent
}
