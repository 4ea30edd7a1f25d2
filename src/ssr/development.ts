// Pages and server modules in development: from the Vite in this process, or, pages alone, from one elsewhere.
import { createDevModules } from './dev-modules.js'
import { createDevPages } from './dev-pages.js'
import type { SsrDevServer } from './dev-vite.js'
import type { SsrHost } from './host.js'
import { createOverlay } from './overlay.js'

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
