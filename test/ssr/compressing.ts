// Middleware that compresses, as the package `compression` does it, in a few lines.
import type { RequestListener } from 'node:http'
import { createGzip } from 'node:zlib'

export function compressing(listener: RequestListener): RequestListener {
  return (req, res) => {
    const gzip = createGzip()
    const { write, end } = res
    res.setHeader('Content-Encoding', 'gzip')
    gzip
      .on('data', (chunk) => Reflect.apply(write, res, [chunk]))
      .on('end', () => Reflect.apply(end, res, []))
    listener(
      req,
      Object.assign(res, {
        write: gzip.write.bind(gzip),
        end: gzip.end.bind(gzip),
        flush: () => gzip.flush(),
      }),
    )
  }
}
