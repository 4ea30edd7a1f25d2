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
  /** The HTML that a Vite elsewhere makes of one of its pages, by its path below the base. */
  readonly fetchHtml?: ((path: string) => Promise<string>) | undefined
}

export interface DevelopmentInput {
  dev: SsrDevServer
  root: string
  logger: SsrHost['logger']
  nonce: SsrHost['nonce']
}

export function createDevelopmentHost({ dev, root, logger, nonce }: DevelopmentInput): SsrHost {
  return {
    pages: createDevPages(dev, root),
    modules: createDevModules(dev, root),
    failures: createOverlay(() => dev.vite),
    logger,
    nonce,
  }
}
