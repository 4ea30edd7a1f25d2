// Sending an answer: its headers join those that the app set before; files too big for memory are streamed.
import type { FileHandle } from 'node:fs/promises'
import { DCZ } from '../codings.js'
import type { Response } from '../http.js'
import type { Answer, HeaderBlock } from './representation.js'

/**
 * Sends status and headers of an answer.
 *
 * @param hook - the app's last word on answers that are about a file
 */
export function sendHead(
  res: Response,
  { status, headers: block }: Answer,
  hook: (() => void) | undefined,
): void {
  // RFC 9110 §15.4.5: a 304 has no headers of a body, whatever default the app may have set.
  if (status === 304) for (const name of OF_A_BODY) if (res.hasHeader(name)) res.removeHeader(name)
  const headers = reconciled(res, block)
  if (hook === undefined || status >= 400) res.writeHead(status, headers)
  else sendHooked(res, status, headers, hook)
}

const OF_A_BODY = ['content-length', 'content-type', 'content-encoding']

/**
 * `block`, less what the app has decided already: its `Cache-Control` and CORS win, its `Vary` is added to.
 * Returns `block` itself where there is nothing to reconcile, which is nearly always.
 */
function reconciled(res: Response, block: HeaderBlock): HeaderBlock {
  const cacheControl = res.getHeader('cache-control')
  const vary = res.getHeader('vary')
  const origin = res.getHeader('access-control-allow-origin')
  const policy = res.getHeader('cross-origin-resource-policy')
  const untouched = cacheControl === undefined && vary === undefined && origin === undefined
  if (untouched && policy === undefined) return block

  const headers = { ...block }
  // The `no-store` of a refusal stands: the app spoke of files that are there.
  if (
    cacheControl !== undefined &&
    headers['Cache-Control'] !== 'no-store' &&
    mayShare(headers, cacheControl)
  ) {
    delete headers['Cache-Control']
  }
  if (origin !== undefined) delete headers['Access-Control-Allow-Origin']
  // `same-origin` is what helmet sets unless it is told otherwise: then pages could not load what a CDN has of this app.
  if (policy !== undefined && policy !== 'same-origin')
    delete headers['Cross-Origin-Resource-Policy']
  if (vary !== undefined && headers.Vary !== undefined) headers.Vary = added(vary, headers.Vary)
  return headers
}

function added(list: number | string | readonly string[], ours: string | number): string {
  const names = String(list)
  const present = names.split(',').map((one) => one.trim().toLowerCase())
  if (present.includes('*')) return names
  const missing = String(ours)
    .split(', ')
    .filter((name) => !present.includes(name.toLowerCase()))
  return [names, ...missing].join(', ')
}

/** Our headers are put on `res` first, so that the hook sees them and has the last word. */
function sendHooked(res: Response, status: number, headers: HeaderBlock, hook: () => void): void {
  const before = Object.keys(headers).map((name) => [name, res.getHeader(name)] as const)
  for (const [name] of before) res.setHeader(name, headers[name]!)
  try {
    hook()
  } catch (error) {
    // The app's error page must not inherit length and lifetime of the file.
    for (const [name, value] of before) {
      if (value === undefined) res.removeHeader(name)
      else res.setHeader(name, value)
    }
    throw error
  }
  const said = res.getHeader('cache-control')
  if (!mayShare(headers, said)) res.setHeader('Cache-Control', headers['Cache-Control']!)
  res.writeHead(status)
}

/**
 * Whether the app's `Cache-Control` may stand. A delta is for one client: a shared cache that keeps it, and does not
 * heed `Vary`, would hand it to clients that cannot read it.
 */
function mayShare(headers: HeaderBlock, cacheControl: unknown): boolean {
  return (
    headers['Content-Encoding'] !== DCZ.name ||
    /\b(?:private|no-store)\b/i.test(String(cacheControl))
  )
}

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
