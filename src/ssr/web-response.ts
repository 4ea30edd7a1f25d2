// A web Response, sent through Node's response.
import { Readable } from 'node:stream'
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { isGone, type Response as NodeResponse } from '../http.js'
import { flusher } from './stream.js'

type Reader = ReadableStreamDefaultReader<Uint8Array>
type Part = Awaited<ReturnType<Reader['read']>>

/** Headers of one connection, which a response from another server may carry (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Sends the response as fast as the client reads, and gives up its body when the client leaves.
 *
 * @throws Error when the body is not as long as its `Content-Length`: what is left over would be read as the
 * next answer of the connection, so the caller has to cut it
 */
export async function sendWebResponse(res: NodeResponse, response: Response): Promise<void> {
  const reader = readerOf(response)
  const cancel = () => void reader?.cancel().catch(() => {})
  if (isGone(res)) return cancel()
  res.once('close', cancel)
  try {
    const coding = reader && codingOf(response)
    const first = coding === undefined ? undefined : await reader?.read()
    if (isGone(res)) return
    const isDecoded = first !== undefined && !isEncoded(response, coding, first.value)
    writeHead(res, response, isDecoded)
    if (reader && res.req.method !== 'HEAD') {
      // A stream may be silent for long (server-sent events), and the client waits for the head.
      if (!first) res.flushHeaders()
      await pump(res, reader, first, isDecoded ? undefined : lengthOf(response))
    }
    if (!isGone(res)) res.end()
  } finally {
    res.off('close', cancel)
    cancel()
  }
}

/** A fetch library may have a class of its own, whose body is a stream of Node's. */
function readerOf({ body }: { body: Response['body'] | Readable }): Reader | undefined {
  if (!body) return undefined
  return ('getReader' in body ? body : Readable.toWeb(body)).getReader() as Reader
}

function writeHead(res: NodeResponse, response: Response, isDecoded: boolean): void {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of response.headers) {
    if (HOP_BY_HOP.has(name)) continue
    if (isDecoded && (name === 'content-encoding' || name === 'content-length')) continue
    const known = headers[name]
    // Only Set-Cookie comes more than once.
    headers[name] = known === undefined ? value : [known, value].flat()
  }
  // HTTP/2 has no reason phrase, and Node warns of one.
  if (response.statusText && res.req.httpVersionMajor === 1) {
    res.writeHead(response.status, response.statusText, headers)
  } else res.writeHead(response.status, headers)
}

async function pump(
  res: NodeResponse,
  reader: Reader,
  first: Part | undefined,
  length: number | undefined,
): Promise<void> {
  const flush = flusher(res)
  let sent = 0
  for (let part = first ?? (await reader.read()); !part.done; part = await reader.read()) {
    if (isGone(res)) return
    sent += part.value.byteLength
    if (length !== undefined && sent > length) throw wrongLength(length, 'more')
    if (!res.write(part.value)) await drained(res)
    flush()
  }
  if (length !== undefined && sent < length && !isGone(res)) throw wrongLength(length, 'fewer')
}

function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length')
  return length === null ? undefined : Number(length)
}

function wrongLength(length: number, than: string): Error {
  return new Error(
    `The Response has the header Content-Length: ${length}, but its body has ${than} bytes. Leave the header out.`,
  )
}

/** The coding that was applied last, in lower case. */
function codingOf({ headers }: Response): string | undefined {
  const last = headers.get('content-encoding')?.split(',').at(-1)?.trim().toLowerCase()
  return !last || last === 'identity' ? undefined : last
}

const unfinished = { maxOutputLength: 1 << 20 }
const zlib = { ...unfinished, finishFlush: constants.Z_SYNC_FLUSH }
const decoders: Record<string, ((bytes: Uint8Array) => Buffer)[]> = {
  gzip: [(bytes) => gunzipSync(bytes, zlib)],
  'x-gzip': [(bytes) => gunzipSync(bytes, zlib)],
  deflate: [(bytes) => inflateSync(bytes, zlib), (bytes) => inflateRawSync(bytes, zlib)],
  br: [
    (bytes) =>
      brotliDecompressSync(bytes, {
        ...unfinished,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      }),
  ],
}
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/**
 * Whether a body that begins with these bytes is in the coding that its header names. `fetch()` decodes a body
 * and leaves the header as it was (https://fetch.spec.whatwg.org/#handle-content-codings), and
 * `new Response(upstream.body, upstream)` copies that, so only the bytes can tell.
 */
function isEncoded({ url }: Response, coding = '', bytes: Uint8Array = new Uint8Array()): boolean {
  if (bytes.length === 0) return false
  if (coding === 'zstd') return ZSTD_MAGIC.equals(bytes.subarray(0, 4))
  const ways = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (!ways) return true
  const found = ways.map((decode) => decodes(decode, bytes.subarray(0, 1024)))
  // Too few bytes to tell: only a response of `fetch()` has a URL.
  return found.includes('yes') || (found.includes('perhaps') && !url)
}

function decodes(decode: (bytes: Uint8Array) => Buffer, bytes: Uint8Array) {
  try {
    return decode(bytes).length > 0 ? 'yes' : 'perhaps'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'yes' : 'no'
  }
}

async function drained(res: NodeResponse): Promise<void> {
  if (isGone(res)) return
  await new Promise<void>((resolve) => {
    const done = () => {
      res.off('drain', done)
      res.off('close', done)
      resolve()
    }
    res.once('drain', done)
    res.once('close', done)
  })
}
