// The tags of one response: each file once, with the nonce of that response.
import type { Request, Response } from '../http.js'
import type { CommonSettings } from '../options/types.js'
import { parseCall, parsePath } from './call.js'
import { joinPieces } from './html.js'
import { appendLinks } from './link-header.js'
import { checkNonce, nonceOf } from './nonce.js'
import { inlineStepFrom, type Page, pageWith, type Step, stepFrom, type TreeAt } from './printed.js'

export class ResponseTags {
  readonly #settings: CommonSettings
  readonly #treeAt: TreeAt
  readonly #req: Request
  readonly #res: Response
  readonly #mount: string
  #page: Page | undefined
  #failed = false

  constructor(
    settings: CommonSettings,
    treeAt: TreeAt,
    req: Request,
    res: Response,
    mount: string,
  ) {
    this.#settings = settings
    this.#treeAt = treeAt
    this.#req = req
    this.#res = res
    this.#mount = mount
  }

  /** @param rendered whether `render()` asks, for what it has rendered */
  tags(entries: unknown, options: unknown, rendered = false): string {
    const call = parseCall(entries, options, this.#settings, rendered)
    const nonce = call.nonce === undefined ? this.#nonce() : checkNonce(call.nonce)
    return this.#print(stepFrom(this.#current(), call, nonce !== undefined), nonce)
  }

  /** The page has these already: they stand in its template. */
  has(keys: readonly string[]): void {
    this.#page = pageWith(this.#current(), keys)
  }

  asset(path: unknown): string {
    const { source } = this.#current().tree
    return source.asset(parsePath(path, `${this.#settings.name}Asset`), this.#mount)
  }

  inline(path: unknown): string {
    const file = parsePath(path, `${this.#settings.name}Inline`)
    const nonce = this.#nonce()
    return this.#print(inlineStepFrom(this.#current(), file, nonce !== undefined), nonce)
  }

  #nonce(): string | undefined {
    return nonceOf(this.#settings.nonce, this.#req, this.#res)
  }

  /** A page keeps the build with which it began, even if another one is loaded meanwhile. */
  #current(): Page {
    const failed = this.#res.statusCode >= 500
    // The view failed half-way and nothing was sent: the error view needs all tags again.
    if (failed && !this.#failed) this.#page = undefined
    this.#failed = failed
    this.#page ??= this.#treeAt(this.#mount).root
    return this.#page
  }

  #print({ pieces, links, next }: Step, nonce: string | undefined): string {
    this.#page = next
    if (links.length > 0) appendLinks(this.#res, links, nonce)
    return joinPieces(pieces, nonce)
  }
}
