// The values that render() may return, and the one form they are sent from.
import { Readable } from 'node:stream'
import type { ReadableStream as NodeWebStream } from 'node:stream/web'
import { ConnectViteError } from '../errors.js'

/** React's `renderToPipeableStream()`: it writes itself into what it is given. */
export interface PipeableStream {
  pipe<Writable extends NodeJS.WritableStream>(destination: Writable): Writable
  abort?(reason?: unknown): void
}

/** HTML that comes bit by bit: Node's stream, the web's, or React's. */
export type HtmlStream = Readable | ReadableStream | PipeableStream

/** HTML with what belongs around it. */
export interface RenderResult {
  /** Goes to the outlet. */
  html: string | HtmlStream
  /** Goes before `</head>`. */
  head?: string
  /** @default what the app has set, usually 200 */
  status?: number
  /** Several values of a name as an array. `Set-Cookie` is added to what is there. */
  headers?: Record<string, string | readonly string[]> | Headers
}

/** What `render()` of a server entry may return, or a promise of it. A `Response` is the whole answer. */
export type Rendered = string | RenderResult | HtmlStream | Response

/** A stream in one of two forms: Node's, or one that wants to be given where to write. */
export type Source = Readable | PipeableStream

export interface Parts {
  html: string | Source
  head: string
  status: number | undefined
  headers: RenderResult['headers']
}

/** @throws ConnectViteError `ERR_SSR_EXPORT` when it is none of these */
export function partsOf(rendered: unknown, entry: string): Parts {
  const html = htmlOf(rendered)
  if (html !== undefined) return { html, head: '', status: undefined, headers: undefined }
  const { html: inner, head = '', status, headers } = (rendered ?? {}) as Partial<RenderResult>
  const innerHtml = htmlOf(inner)
  if (innerHtml !== undefined) return { html: innerHtml, head, status, headers }
  throw new ConnectViteError('ERR_SSR_EXPORT', {
    what: `render() of ${entry} returned ${describe(rendered)}.`,
    likelyCause:
      rendered === undefined
        ? 'a `return` is missing'
        : 'it returns a tree of components, not its HTML',
    remedy: 'Return a string, { html, head?, status?, headers? }, a stream, or a Response.',
  })
}

export function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true
  // A fetch library of the app's own has a class of its own.
  const { status, headers, arrayBuffer } = (value ?? {}) as Partial<Response>
  return (
    typeof status === 'number' && typeof headers?.get === 'function' && arrayBuffer !== undefined
  )
}

/** Ends a stream that is not going to be read. */
export function discard(html: string | Source): void {
  if (typeof html === 'string') return
  if (isReadable(html)) html.on('error', () => {}).destroy()
  else html.abort?.(new Error('The response was given up.'))
}

/** Node's own, or one of the packages that are written like it. React's has no events. */
export function isReadable(value: object): value is Readable {
  return value instanceof Readable || (isPipeable(value) && 'on' in value && 'destroy' in value)
}

export function isPipeable(value: unknown): value is PipeableStream {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pipe' in value &&
    typeof value.pipe === 'function'
  )
}

function htmlOf(value: unknown): string | Source | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  if ('getReader' in value) return Readable.fromWeb(value as NodeWebStream)
  return isReadable(value) || isPipeable(value) ? value : undefined
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  const keys = Object.keys(value)
  return keys.length > 0 ? `an object with ${keys.slice(0, 5).join(', ')}` : 'an empty object'
}
