// Media types by file name, and which of them get smaller by compression.
import { lookup } from 'mrmime'

/** What mrmime leaves out, or names otherwise than browsers want it. */
const MORE: ReadonlyMap<string, string> = new Map([
  ['cjs', 'text/javascript'],
  ['eot', 'application/vnd.ms-fontobject'],
  ['ico', 'image/x-icon'],
  ['m3u8', 'application/vnd.apple.mpegurl'],
])

const UNKNOWN = 'application/octet-stream'

/** Media type by the name's extension, without parameters. */
export function mediaType(file: string): string | undefined {
  const extension = /\.([^./]+)$/.exec(file)?.[1]?.toLowerCase()
  if (extension === undefined) return undefined
  // mrmime looks up in a plain object: `a.constructor` would find a function.
  const found: unknown = MORE.get(extension) ?? lookup(extension)
  return typeof found === 'string' ? found : undefined
}

/** The `Content-Type` of a file; text is UTF-8, like all text that Vite writes. */
export function contentType(file: string): string {
  const type = mediaType(file) ?? UNKNOWN
  return isText(type) ? `${type}; charset=utf-8` : type
}

function isText(type: string): boolean {
  return /^text\/|[/+](?:json|xml|javascript)$/.test(type)
}

/** Formats that are not text, and not compressed in themselves either. */
const LOOSE = new Set([
  'application/vnd.ms-fontobject',
  'application/wasm',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/x-icon',
  'model/gltf-binary',
])

export function isCompressible(type: string): boolean {
  return type.endsWith('; charset=utf-8') || LOOSE.has(type)
}
