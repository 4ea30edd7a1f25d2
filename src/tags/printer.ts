// Prints tags: into templates through res.locals, and outside a request.
import { ConnectViteError } from '../errors.js'
import { type Handler, mountPath, type Request, type Response } from '../http.js'
import type { CommonSettings } from '../options/types.js'
import { parseCall } from './call.js'
import { nonceAttribute } from './html.js'
import { appendLinks, claimEarlyHints, withinBudget } from './link-header.js'
import { checkNonce, nonceMeta, nonceOf } from './nonce.js'
import {
  createTree,
  inlineStepFrom,
  type Page,
  type Step,
  stepFrom,
  type Tree,
  withMeta,
} from './page.js'
import type { TagSource } from './source.js'
import type { TagOptions } from './types.js'

/** What prints the tags of one `connectVite()`. */
export interface Printer {
  /** Puts the three functions on `res.locals`, which is created where the framework has none. */
  install(req: Request, res: Response): void
  /** Tags outside a request: of a page on which nothing was printed. */
  tags(entries: string | readonly string[], options?: TagOptions): string
  asset(path: string): string
  inline(path: string): string
  earlyHints(entries: string | readonly string[]): Handler
}

/** On a response: whose tags bring the nonce meta. Two builds on one page know of each other by this alone. */
const META = Symbol.for('connect-vite.csp-nonce')

/**
 * @param source what tags come from at the moment; a reload makes it another one
 */
export function createPrinter(source: () => TagSource, settings: CommonSettings): Printer {
  const treeAt = createForest(source)
  // Without a request there is nobody to ask for a nonce.
  const fixedNonce = typeof settings.nonce === 'string' ? settings.nonce : undefined
  const { name } = settings
  const tagsName = `${name}Tags`
  const assetName = `${name}Asset`
  const inlineName = `${name}Inline`

  const mountOf = (req: Request) => (source().relative ? mountPath(req) : '/')
  /** Where the middleware met a response; handlers of the app meet it elsewhere. */
  const mounts = new WeakMap<Response, string>()

  function install(req: Request, res: Response): void {
    // Taken now, because inside a router of the app `req.baseUrl` is that router's.
    const mount = mountOf(req)
    if (source().relative) mounts.set(res, mount)
    // A page keeps the build with which it began, whatever happens meanwhile.
    let page: Page | undefined

    function pageFor(nonce: string | undefined): Page {
      page ??= treeAt(mount).root
      if (nonce !== undefined && !page.printed.has(nonceMeta.key) && !claimMeta(res))
        page = withMeta(page)
      return page
    }

    function take(step: Step, nonce: string | undefined): string {
      page = step.next
      if (step.links.length > 0) appendLinks(res, step.links, nonce)
      return textOf(step, nonce)
    }

    const nonceNow = () => nonceOf(settings.nonce, req, res)

    res.locals ??= {}
    res.locals[tagsName] = (entries: unknown, options?: unknown) => {
      const call = parseCall(entries, options, settings)
      const nonce = call.nonce === undefined ? nonceNow() : checkNonce(call.nonce)
      return take(stepFrom(pageFor(nonce), call, nonce !== undefined), nonce)
    }
    res.locals[assetName] = (path: unknown) =>
      (page?.tree.source ?? source()).asset(pathOf(path, 'Asset'), mount)
    res.locals[inlineName] = (path: unknown) => {
      const nonce = nonceNow()
      return take(
        inlineStepFrom(pageFor(nonce), pathOf(path, 'Inline'), nonce !== undefined),
        nonce,
      )
    }
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

  /** Whether the meta is ours to print. */
  function claimMeta(res: Response & { [META]?: unknown }): boolean {
    res[META] ??= settings
    return res[META] === settings
  }

  return {
    install,
    earlyHints,
    tags(entries, options) {
      const call = parseCall(entries, options, settings)
      const nonce = checkNonce(call.nonce ?? fixedNonce)
      return textOf(stepFrom(treeAt('/').root, call, nonce !== undefined), nonce)
    },
    asset: (path) => source().asset(pathOf(path, 'Asset'), '/'),
    inline(path) {
      const nonce = checkNonce(fixedNonce)
      return textOf(
        inlineStepFrom(treeAt('/').root, pathOf(path, 'Inline'), nonce !== undefined),
        nonce,
      )
    },
  }

  function pathOf(path: unknown, what: 'Asset' | 'Inline'): string {
    if (typeof path === 'string' && path !== '') return path
    throw new ConnectViteError('ERR_OPTION', {
      what: `${name}${what}() takes the path of a file, not ${path === '' ? 'an empty string' : typeof path}.`,
      likelyCause: 'a template variable that is not set',
      remedy: "Call it with a source file such as 'src/logo.svg'.",
      status: 500,
      expose: false,
    })
  }
}

/** Mounts come from requests (`/:tenant`), so there must be an end to them. */
const MOST_TREES = 100

/** One tree for each place where the middleware is mounted; a new source makes a new forest. */
function createForest(source: () => TagSource): (mount: string) => Tree {
  let planted: TagSource | undefined
  const trees = new Map<string, Tree>()
  return (mount) => {
    const now = source()
    if (now !== planted || trees.size > MOST_TREES) trees.clear()
    planted = now
    const tree = trees.get(mount) ?? createTree(now, mount)
    trees.set(mount, tree)
    return tree
  }
}

/** Put together piece by piece: that is several times as fast as a join. */
function textOf({ pieces }: Step, nonce: string | undefined): string {
  let text = pieces[0]!
  if (nonce === undefined) return text
  const attribute = nonceAttribute(nonce)
  for (let index = 1; index < pieces.length; index++) text += attribute + pieces[index]
  return text
}
