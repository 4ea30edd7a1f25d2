// Public exports, nothing else.
export { connectVite, connectVite as default } from './connect-vite.js'
export { ConnectViteError, type ErrorCode, type Problem } from './errors.js'
export type { Handle } from './handle.js'
export type { Logger } from './logger.js'
export type { Manifest, ManifestChunk } from './manifest/types.js'
export type { Info } from './modes/mode.js'
export type { ConnectViteOptions, DevServerOptions, ModeName } from './options/types.js'
export type { ViteLocals } from './tags/locals.js'
export type {
  AttributeOption,
  Attributes,
  AttributeValue,
  EntryName,
  Register,
  TagInfo,
  TagKind,
  TagOptions,
} from './tags/types.js'
