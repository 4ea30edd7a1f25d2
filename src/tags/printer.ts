// Printer of tags: in templates through res.locals, outside a request, and as 103 Early Hints.
import { type Handler, mountPath, type Request, type Response } from '../http.js'
import type { CommonSettings } from '../options/types.js'
import { parseCall, parsePath } from './call.js'
import { joinPieces } from './html.js'
import { claimEarlyHints, withinBudget } from './link-header.js'
import { checkNonce } from './nonce.js'
import { createTrees, inlineStepFrom, stepFrom } from './printed.js'
import { ResponseTags } from './response-tags.js'
import type { TagSource } from './source.js'
import type { TagOptions, ViteLocals } from './types.js'

/** What prints the tags of one `connectVite()`. */
export interface Printer {
  /** Puts the three functions on `res.locals`, which is created where the framework has none. */
  install(req: Request, res: Response): void
  /** The tags of a response, whether the middleware was called for it or not. */
  pageOf(req: Request, res: Response): ResponseTags
  /** The three functions of a response, under their usual names. */
  locals(req: Request, res: Response): ViteLocals
  /** Tags outside a request: of a page on which nothing was printed. */
  tags(entries: string | readonly string[], options?: TagOptions): string
  asset(path: string): string
  inline(path: string): string
  earlyHints(entries: string | readonly string[]): Handler
}

/**
 * @param source what tags come from at the moment; a reload makes it another one
 */
export function createPrinter(source: () => TagSource, settings: CommonSettings): Printer {
  const treeAt = createTrees(source)
  // A nonce function needs a request, so without one only a fixed nonce is known.
  const fixedNonce = typeof settings.nonce === 'string' ? settings.nonce : undefined
  const pages = new WeakMap<Response, ResponseTags>()
  const tagsName = `${settings.name}Tags`
  const assetName = `${settings.name}Asset`
  const inlineName = `${settings.name}Inline`

  const mountOf = (req: Request) => (source().relative ? mountPath(req) : '/')
  /** Where the middleware met a response; handlers of the app meet it elsewhere. */
  const mounts = new WeakMap<Response, string>()

  function install(req: Request, res: Response): void {
    // Taken now, because inside a router of the app `req.baseUrl` is that router's.
    const mount = mountOf(req)
    if (source().relative) mounts.set(res, mount)
    const page = new ResponseTags(settings, treeAt, req, res, mount)
    res.locals ??= {}
    pages.set(res, page)
    res.locals[tagsName] = (entries: unknown, options?: unknown) => page.tags(entries, options)
    res.locals[assetName] = (path: unknown) => page.asset(path)
    res.locals[inlineName] = (path: unknown) => page.inline(path)
  }

  function pageOf(req: Request, res: Response): ResponseTags {
    if (!pages.has(res)) install(req, res)
    return pages.get(res) as ResponseTags
  }

  function locals(req: Request, res: Response): ViteLocals {
    if (res.locals?.[tagsName] === undefined) install(req, res)
    const { [tagsName]: viteTags, [assetName]: viteAsset, [inlineName]: viteInline } = res.locals!
    return { viteTags, viteAsset, viteInline } as ViteLocals
  }

  function earlyHints(entries: string | readonly string[]): Handler {
    const call = parseCall(entries, { preload: 'header' }, settings)
    return function connectViteEarlyHints(req, res, next) {
      if (!claimEarlyHints(req, res)) return next()
      try {
        const { links } = stepFrom(treeAt(mounts.get(res) ?? mountOf(req)).root, call, false)
        res.writeEarlyHints({ link: withinBudget(links) })
      } catch (error) {
        return next(error)
      }
      next()
    }
  }

  return {
    install,
    pageOf,
    locals,
    earlyHints,
    tags(entries, options) {
      const call = parseCall(entries, options, settings)
      const nonce = checkNonce(call.nonce ?? fixedNonce)
      return joinPieces(stepFrom(treeAt('/').root, call, nonce !== undefined).pieces, nonce)
    },
    asset: (path) => source().asset(parsePath(path, assetName), '/'),
    inline(path) {
      const file = parsePath(path, inlineName)
      const nonce = checkNonce(fixedNonce)
      return joinPieces(inlineStepFrom(treeAt('/').root, file, nonce !== undefined).pieces, nonce)
    },
  }
}
