// Pages and server modules in development: from the Vite in this process, or, pages alone, from one elsewhere.
import type { ViteDevServer } from 'vite'
import { createDevModules } from './dev-modules.js'
import { createDevPages } from './dev-pages.js'
import type { SsrHost } from './host.js'
import { createOverlay } from './overlay.js'

/** The part of the dev server that is needed here. Everything is read anew each time. */
export interface SsrDevServer {
  start(): Promise<void>
  /** The Vite inside this process, once started. */
  readonly vite: ViteDevServer | undefined
  /** The Vite elsewhere. */
  readonly url: string | undefined
  /** Vite's base. Known once started. */
  readonly base: string
}

/** What a Vite elsewhere says to a GET. */
export interface PageAnswer {
  status: number
  body: string
}

export interface DevelopmentInput {
  dev: SsrDevServer
  root: string
  /** GET of a URL on the dev server elsewhere, with `Accept: text/html`. Rejects when nobody answers. */
  ask(url: URL): Promise<PageAnswer>
  logger: SsrHost['logger']
  nonce: SsrHost['nonce']
}

export function createDevelopmentHost({
  dev,
  root,
  ask,
  logger,
  nonce,
}: DevelopmentInput): SsrHost {
  return {
    pages: createDevPages({ dev, root, ask }),
    modules: createDevModules(dev, root),
    failures: createOverlay(() => dev.vite),
    logger,
    nonce,
  }
}
