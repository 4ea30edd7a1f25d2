// The production file server: a Connect-style handler over a table that was made at startup.
import { type Handler, originalUrl, type Request } from '../http.js'
import type { Asset } from './asset.js'
import { BodyStore } from './body-store.js'
import { createCompressor } from './compress.js'
import { NOT_FOUND } from './decide.js'
import { createDictionaries } from './dictionaries.js'
import { canEncodeDeltas } from './dictionary-coding.js'
import { inherit } from './inherit.js'
import { requestKey } from './keys.js'
import { Memory } from './memory.js'
import { createQueue } from './queue.js'
import type { Representation } from './representation.js'
import { createResponder, type SetHeaders } from './respond.js'
import { sendHead } from './send.js'
import { type BuildSettings, createTable, type Table, type TableOptions } from './table.js'

export interface FileServerSettings extends BuildSettings {
  /** Seconds, for files that are not immutable. */
  readonly maxAge: number
  /** Compress what the build did not. */
  readonly compress: boolean
  /** Answer with the difference to an earlier build, where this Node can make it or the build has. */
  readonly dictionaries: boolean
  /** Bytes of bodies kept in memory. */
  readonly cacheSize: number
  readonly setHeaders: SetHeaders | undefined
  /** Where requests for the files arrive: below the base, or at the mount because a proxy strips the base. */
  readonly serveAt: 'base' | 'mount'
  /** The build may be replaced in place: then memory has to hold what is about to go from the disk. */
  readonly watch: boolean
}

export interface FileServer {
  /** Answers what the table has and what can only be a missing asset; everything else is for `next()`. */
  readonly handle: Handler
  /** Puts another build in place, in one step. */
  replace(settings: BuildSettings): void
  /** How many files are served. */
  readonly files: number
  /** Bytes of bodies in memory. */
  readonly bytesCached: number
  /** Bytes that were not sent because clients had an earlier build. */
  readonly bytesSaved: number
  /** Ends the work in the background. Files are still answered: an app that shuts down has pages that are loading. */
  close(): void
}

export function createFileServer(settings: FileServerSettings): FileServer {
  const { maxAge, compress, cacheSize, setHeaders } = settings
  const canEncode = canEncodeDeltas()
  const hasDeltas = [...settings.files.values()].some(({ deltas }) => deltas !== undefined)
  const options: TableOptions = {
    maxAge,
    compress,
    cacheSize,
    dictionaries: settings.dictionaries && (canEncode || hasDeltas),
    atMount: settings.serveAt === 'mount',
  }
  const memory = new Memory<Representation>(cacheSize)
  const bodies = new BodyStore(memory)
  const compressor = createCompressor(memory)
  const dictionaries = options.dictionaries
    ? createDictionaries(() => table.families, bodies, memory, canEncode)
    : undefined
  const respond = createResponder(bodies, memory, compressor, dictionaries, setHeaders)
  const background = createQueue(1)
  let table: Table = createTable(settings, options)
  readAhead()

  /**
   * Fills the memory with hashed files: a rebuild in place deletes them while pages that name them are still open, and
   * then memory is the only place that has them. With `watch` public files too, since a build removes them for a moment.
   */
  function readAhead(): void {
    const current = table
    const steps = readSteps(current)
    const next = async () => {
      const { value: step } = steps.next()
      if (!step || current !== table || !memory.hasRoomFor(step.asset.source.size)) return
      await step.run().catch(() => {}) // the request that asks for it reports the error
      background.push(next)
    }
    background.push(next)
  }

  /** First all files, those of the current build before older ones; then what changed since the build before. */
  function* readSteps({ assets, families }: Table): Generator<ReadStep, undefined> {
    for (const kept of settings.watch ? [true, false] : [true]) {
      for (const asset of assets.values()) {
        if (asset.source.kept !== kept || asset.large || asset.content !== undefined) continue
        yield { asset, run: () => bodies.identify(asset) }
      }
    }
    if (dictionaries === undefined) return
    for (const [asset, before] of families.values()) {
      if (asset && before) yield { asset, run: () => dictionaries.prepare(asset) }
    }
  }

  function keyOf(req: Request): string {
    return requestKey(table.relative ? (req.url ?? '/') : originalUrl(req))
  }

  const pass: Handler = function passOrRefuse(req, res, next) {
    // Something before us may have answered, and gone on all the same.
    if (!table.isMissing(keyOf(req)) || res.headersSent) return next()
    sendHead(res, NOT_FOUND, undefined)
    res.end(req.method === 'HEAD' ? undefined : NOT_FOUND.text)
  }

  const handle: Handler = function serveBuiltFile(req, res, next) {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next()
    const asset = table.assets.get(keyOf(req))
    if (asset === undefined || res.headersSent) pass(req, res, next)
    else respond(req, res, next, asset, pass)
  }

  return {
    handle,
    replace(build) {
      table = inherit(table, createTable(build, options), memory)
      readAhead()
    },
    get files() {
      return table.size
    },
    get bytesCached() {
      return memory.bytes
    },
    get bytesSaved() {
      return dictionaries?.bytesSaved ?? 0
    },
    close() {
      background.close()
      compressor.close()
      dictionaries?.close()
    },
  }
}

interface ReadStep {
  readonly asset: Asset
  run(): Promise<unknown>
}
