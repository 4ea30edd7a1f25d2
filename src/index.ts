// Public exports, nothing else.

export type { Manifest, ManifestChunk } from './build/types.js'
export { connectVite, connectVite as default } from './connect-vite.js'
export { ConnectViteError, type ErrorCode, type Problem } from './errors.js'
export type { Handle } from './handle.js'
export type { Handler } from './http.js'
export type { Logger } from './logger.js'
export type { Info } from './modes/mode.js'
export type { ConnectViteOptions, DevServerOptions, ModeName } from './options/types.js'
export type { ImportOptions } from './ssr/create-ssr.js'
export type { Render, RenderContext } from './ssr/entry-exports.js'
export type { FetchableOptions } from './ssr/fetchable.js'
export type { ServerModule } from './ssr/host.js'
export type { SsrOptions } from './ssr/render.js'
export type { HtmlStream, PipeableStream, Rendered, RenderResult } from './ssr/rendered.js'
export type { HandlerOptions } from './ssr/server-handler.js'
export type {
  AssetName,
  AttributeOption,
  Attributes,
  AttributeValue,
  EntryName,
  Register,
  TagInfo,
  TagKind,
  TagOptions,
  ViteLocals,
} from './tags/types.js'
