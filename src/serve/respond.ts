// Answers a request for an asset: at once from memory, else after reading.
import { BROTLI, DCZ, GZIP, rememberAcceptedCodings } from '../codings.js'
import { ConnectViteError } from '../errors.js'
import type { Handler, Next, Request, Response } from '../http.js'
import type { Asset, Content } from './asset.js'
import { type Body, type BodyStore, isMissing } from './body-store.js'
import type { Compressor } from './compress.js'
import { decide } from './decide.js'
import type { Dictionaries } from './dictionaries.js'
import type { Memory } from './memory.js'
import type { Answer } from './representation.js'
import { sendHead, stream } from './send.js'

/** The app's hook, called when the headers are known and before they are sent. */
export type SetHeaders = (res: Response, file: string) => void

/** Answers for an asset, or calls `gone` where its file is there no more. */
export type Responder = (
  req: Request,
  res: Response,
  next: Next,
  asset: Asset,
  gone: Handler,
) => void

/** The encodings that this server makes itself. */
const MADE_HERE = BROTLI.bit | GZIP.bit

/** A file that changes while we look at it gets another look, but not for ever. */
const ATTEMPTS = 3

export function createResponder(
  bodies: BodyStore,
  memory: Memory,
  compressor: Compressor,
  dictionaries: Dictionaries | undefined,
  setHeaders: SetHeaders | undefined,
): Responder {
  const accepted = rememberAcceptedCodings()

  function decideFor(req: Request, asset: Asset, content: Content): Answer {
    const { headers } = req
    const codings = accepted(headers['accept-encoding'])
    const delta =
      headers['available-dictionary'] && dictionaries?.find(asset, content, headers, codings)
    return decide(req.method, headers, content, codings, delta || undefined)
  }

  function send(req: Request, res: Response, asset: Asset, answer: Answer, body?: Body) {
    const { range, text } = answer
    const head = isTransformed(res) && asset.compressible ? transformable(answer) : answer
    sendHead(res, head, setHeaders && (() => setHeaders(res, asset.source.file)))
    if (answer.body?.coding?.name === DCZ.name && req.method === 'GET') {
      dictionaries?.sent(asset.content!, answer.body, accepted(req.headers['accept-encoding']))
    }
    if (req.method === 'HEAD' || body === undefined) {
      res.end(req.method === 'HEAD' ? undefined : text)
    } else if (Buffer.isBuffer(body)) {
      endWith(res, range ? body.subarray(range.start, range.end) : body)
    } else {
      const { start, end } = range ?? { start: 0, end: answer.body!.length }
      stream(res, body, start, end - start)
    }
  }

  /** A client that takes encodings wanted the file: it gets them made. */
  function used(req: Request, asset: Asset, content: Content): void {
    if (content.used || (accepted(req.headers['accept-encoding']) & MADE_HERE) === 0) return
    content.used = true
    compressor.schedule(asset)
  }

  /** The short way: everything is in memory. Tells whether it was. */
  function respondNow(req: Request, res: Response, asset: Asset): boolean {
    const { content } = asset
    if (content === undefined || asset.large) return false
    const answer = decideFor(req, asset, content)
    const { body } = answer
    if (body !== undefined) {
      if (body.bytes === undefined && req.method !== 'HEAD') return false
      memory.touch(body)
    }
    send(req, res, asset, answer, body?.bytes)
    used(req, asset, content)
    return true
  }

  /** The long way: by the disk. */
  async function respondLater(req: Request, res: Response, asset: Asset): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (asset.large) await turn(res)
      const content = await readable(asset, bodies.identify(asset))
      const answer = decideFor(req, asset, content)
      const wanted = req.method === 'HEAD' ? undefined : answer.body
      const body = wanted && (await readable(asset, bodies.open(asset, content, wanted)))
      if (wanted && body === undefined) continue
      if (isOver(res)) {
        await release(body)
        return true
      }
      try {
        send(req, res, asset, answer, body)
      } catch (error) {
        await release(body)
        throw error
      }
      used(req, asset, content)
      return true
    }
    return false
  }

  return function respond(req, res, next, asset, gone) {
    try {
      if (respondNow(req, res, asset)) return
    } catch (error) {
      next(error) // of the app's `setHeaders`
      return
    }
    respondLater(req, res, asset).then(
      (answered) => {
        if (!answered && !isOver(res)) gone(req, res, next)
      },
      (error) => {
        if (isOver(res)) return
        if (isMissing(error)) gone(req, res, next)
        else next(error)
      },
    )
  }
}

/** `compression()` and the like put a `flush()` on the response, and compress what has no encoding yet. */
function isTransformed(res: Response): boolean {
  return typeof (res as { flush?: unknown }).flush === 'function'
}

/**
 * Plain bytes that may be compressed on their way: the strong entity tag would be that of other bytes (RFC 9110 §8.8.1),
 * and a part of the plain bytes must stay what it is.
 */
function transformable(answer: Answer): Answer {
  const { status, body, headers } = answer
  if (body === undefined || body.coding !== undefined) return answer
  if (status === 200) return { ...answer, headers: { ...headers, ETag: `W/${body.etag}` } }
  if (status !== 206) return answer
  return {
    ...answer,
    headers: { ...headers, 'Cache-Control': `${headers['Cache-Control']}, no-transform` },
  }
}

/** Bytes that no kernel takes at once, so that a slow client is still downloading them later. */
const LONG_DOWNLOAD = 1024 * 1024

/**
 * `server.close()` destroys a connection whose response was ended, even while its bytes are on their way
 * (`closeIdleConnections` in Node's `lib/_http_server.js`). A long one is therefore ended when its bytes are out.
 */
function endWith(res: Response, body: Buffer): void {
  if (body.length < LONG_DOWNLOAD) res.end(body)
  else if (res.write(body)) res.end()
  else res.once('drain', () => res.end())
}

/** What reading gives; an error is one for the app to tell, unless the file is simply not there. */
async function readable<T>({ source }: Asset, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw isMissing(error) ? error : unreadable(source.file, source.path, error)
  }
}

/**
 * Resolves when `res` may write to its connection. A pipelined response must wait for those before it, and would hold its
 * descriptor meanwhile; if the connection ends first, it is told nothing, and neither are we.
 */
async function turn(res: Response): Promise<void> {
  if (res.socket === null && !isOver(res))
    await new Promise((resolve) => res.once('socket', resolve))
}

/** Whether no answer is wanted any more: the client went away, or something else has answered. */
function isOver(res: Response): boolean {
  return res.destroyed || res.headersSent || res.writableEnded
}

async function release(body: Body | undefined): Promise<void> {
  if (body !== undefined && !Buffer.isBuffer(body)) await body.close()
}

/** Probable causes by Node's error code. */
const CAUSES: Record<string, string | undefined> = {
  __proto__: undefined,
  EACCES: 'its owner or mode keeps it from the user that the app runs as',
  EPERM: 'its owner or mode keeps it from the user that the app runs as',
  EMFILE: 'the process has as many files and connections open as it may have',
  ENFILE: 'the machine has as many files open as it may have',
  EIO: 'the disk or the network volume fails',
}

const REMEDIES: Record<string, string | undefined> = {
  __proto__: undefined,
  EMFILE: 'Raise the limit (ulimit -n), or put a limit on connections (server.maxConnections).',
}

/** Failures that pass when other work has finished. */
const PASSING = new Set(['EMFILE', 'ENFILE'])

/**
 * The error of a file that is there and cannot be read.
 *
 * @param file relative to the build directory
 * @param path where it lies
 */
export function unreadable(file: string, path: string, cause: unknown): ConnectViteError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return new ConnectViteError('ERR_ASSET_UNREADABLE', {
    what: `The built file ${file} cannot be read: ${message}.`,
    lookedIn: path,
    likelyCause: CAUSES[code],
    remedy: REMEDIES[code],
    cause,
    temporary: PASSING.has(code),
  })
}
