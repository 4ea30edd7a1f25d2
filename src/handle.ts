// Handle that connectVite() returns: the middleware, with everything else as its members.
import { type RequestListener, STATUS_CODES } from 'node:http'
import { ConnectViteError } from './errors.js'
import type { Handler, Next, Request, Response } from './http.js'
import { markAsLeading, whenListening } from './listening.js'
import { logRequests } from './log-requests.js'
import { debug } from './logger.js'
import type { Info, Mode } from './modes/mode.js'
import type { Settings } from './options/types.js'
import { createSsr, type Ssr } from './ssr/create-ssr.js'
import { createPrinter } from './tags/printer.js'
import type { AssetName, EntryName, TagOptions, ViteLocals } from './tags/types.js'
import type { ViteDevServer } from './vite-types.js'

/** What `connectVite()` returns. Pass it to `app.use()`; its members work without a request. */
export interface Handle extends Ssr {
  (req: Request, res: Response, next: Next): void
  /**
   * The tags of one or several entries, as `res.locals.viteTags` prints them, outside a request.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`; `ERR_NOT_READY` in development before {@link Handle.ready}
   */
  tags(entries: EntryName | readonly EntryName[], options?: TagOptions): string
  /**
   * The URL of a source file that the build emitted, or of a public file.
   *
   * @throws ConnectViteError `ERR_ASSET_NOT_FOUND`; `ERR_NOT_READY` in development before {@link Handle.ready}
   */
  asset(path: AssetName): string
  /**
   * The built file's text in a `<style>` or `<script type="module">`; in development the ordinary tags.
   *
   * @throws ConnectViteError `ERR_ENTRY_NOT_FOUND`; `ERR_NOT_READY` in development before {@link Handle.ready}
   */
  inline(path: EntryName): string
  /** A handler that sends `103 Early Hints` for these entries to a navigating browser, then calls `next()`. */
  earlyHints(entries: EntryName | readonly EntryName[]): Handler
  /**
   * The functions of `res.locals` for a response, where the framework has no `res.locals` or the middleware was not
   * called: Hono, h3, an app behind {@link Handle.wrap}. They share what the response has printed so far.
   *
   * @example
   * ```ts
   * import { createServer } from 'node:http'
   * import { connectVite } from 'connect-vite'
   *
   * const vite = connectVite()
   * const app = vite.wrap((req, res) => {
   *   const { viteTags } = vite.locals(req, res)
   *   res.setHeader('Content-Type', 'text/html')
   *   res.end(`<!doctype html>${viteTags('src/main.ts')}`)
   * })
   * createServer(app).listen(3000)
   * ```
   */
  locals(req: Request, res: Response): ViteLocals
  /**
   * A request listener that answers assets before the framework's router sees them; all else reaches `app`
   * untouched. The app still needs `app.use(vite)` for the locals.
   *
   * @example
   * ```ts
   * import { createServer } from 'node:http'
   * import express from 'express'
   * import { connectVite } from 'connect-vite'
   *
   * const app = express()
   * const vite = connectVite()
   * app.use(vite)
   * createServer(vite.wrap(app)).listen(3000)
   * ```
   */
  wrap(app: RequestListener): RequestListener
  /** Resolves when the first request could be answered; rejects with the reason why not. */
  ready(): Promise<void>
  /** Reads the build again (production). One that is not whole is logged, and the last good one stays in use. */
  reload(): Promise<void>
  /** Ends what was started. Idempotent; nothing keeps the process alive afterwards. */
  close(): Promise<void>
  /** Mode, base, directories, manifest, entries and files as a plain object, for health pages and logs. */
  info(): Info
  /** The Vite inside this process, once it has started. */
  readonly server: ViteDevServer | undefined
}

export function handleOf(mode: Mode, settings: Settings): Handle {
  const printer = createPrinter(() => mode.tags, settings)
  const handle = logRequests(mode.handle)
  if (debug.enabled) debug('created: %O', mode.info())

  function connectViteMiddleware(req: Request, res: Response, next: Next): void {
    // Only what goes on to the app needs the functions.
    handle(req, res, (err) => {
      printer.install(req, res)
      next(err)
    })
  }

  const listening = mode.listening?.bind(mode)
  const stopWaiting = listening && whenListening(connectViteMiddleware, listening)

  return Object.defineProperty(
    Object.assign(connectViteMiddleware, createSsr(mode.ssr, printer.pageOf), {
      tags: onceReady(mode, `${settings.name}Tags`, printer.tags),
      asset: onceReady(mode, `${settings.name}Asset`, printer.asset),
      inline: onceReady(mode, `${settings.name}Inline`, printer.inline),
      earlyHints: printer.earlyHints,
      locals: printer.locals,
      wrap: (app: RequestListener) => markAsLeading(wrap(mode, handle, app), connectViteMiddleware),
      ready: () => mode.ready(),
      reload: () => mode.reload(),
      close() {
        stopWaiting?.()
        return mode.close()
      },
      info: () => mode.info(),
    }),
    // A getter: the server is not there before it has started, and is another one after a fallback.
    'server',
    { get: () => mode.server, enumerable: true },
  ) as Handle
}

/** A request waits until Vite has started; a call without one cannot, and would print tags that do not work. */
function onceReady<Args extends unknown[]>(
  mode: Mode,
  local: string,
  print: (...args: Args) => string,
): (...args: Args) => string {
  return (...args) => {
    if (mode.isReady) return print(...args)
    throw new ConnectViteError('ERR_NOT_READY', {
      what: 'The handle was asked for tags or a URL before Vite has started.',
      likelyCause: 'in development the client, base and styles are known once Vite has started',
      remedy: `Write \`await vite.ready()\` before it, or call ${local}() in a template.`,
    })
  }
}

/** Assets first, the app second. No framework has seen the request yet, so an error is answered here. */
function wrap(mode: Mode, handle: Handler, app: RequestListener): RequestListener {
  return function connectViteListener(req, res) {
    handle(req, res, (err) => {
      if (!err) app(req, res)
      else if (res.headersSent) res.destroy()
      else {
        type HttpError = { status?: number; message: string; expose?: boolean }
        const { status: wanted = 500, message, expose } = err as HttpError
        // An error that the app's `setHeaders` throws may carry any status.
        const status = wanted >= 400 && wanted in STATUS_CODES ? wanted : 500
        res.writeHead(status, {
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
        })
        res.end(expose === true || settingsShow(mode) ? message : STATUS_CODES[status])
      }
    })
  }
}

/** Development shows the reason; production never does. */
function settingsShow(mode: Mode): boolean {
  return mode.info().mode === 'development'
}
