// Pages and server modules in development: from the Vite in this process, or, pages alone, from one elsewhere.

import type { SsrHost } from '../host.js'
import { createOverlay } from './overlay.js'
import { createDevModules } from './source-modules.js'
import { createDevPages } from './source-pages.js'
import type { SsrDevServer } from './restarts.js'

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
