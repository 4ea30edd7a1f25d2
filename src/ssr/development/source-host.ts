// Pages and server modules in development. An external Vite gives pages only.
import type { ViteAccess } from '../../vite-types.js'
import type { SsrHost } from '../host.js'
import { createOverlay } from './overlay.js'
import { createDevModules } from './source-modules.js'
import { createDevPages } from './source-pages.js'

export interface DevelopmentInput {
  dev: ViteAccess
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
