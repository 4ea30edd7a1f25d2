// connectVite(): resolution of the options, choice of the mode, the handle.
import { type Handle, handleOf } from './handle.js'
import { createDevelopmentMode } from './modes/development.js'
import type { Mode } from './modes/mode.js'
import { createProductionMode } from './modes/production.js'
import { createStubMode } from './modes/stub.js'
import { resolveSettings } from './options/resolve.js'
import type { ConnectViteOptions, Settings } from './options/types.js'

/**
 * Creates the middleware. In production the build is read now, so that a missing or broken one stops the
 * process at startup; in development Vite starts when the app begins to listen, at the first request or by `ready()`.
 *
 * @param options see {@link ConnectViteOptions}; every one has a default
 * @returns the middleware, which is also the {@link Handle}
 * @throws ConnectViteError
 * - `ERR_OPTION`: an unknown option, or a value of the wrong type
 * - `ERR_BUILD_NOT_FOUND`, `ERR_BUILD_INCOMPLETE`, `ERR_MANIFEST_INVALID`: production, and the build is not whole
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { connectVite } from 'connect-vite'
 *
 * const app = express()
 * app.set('view engine', 'ejs')
 * app.use(connectVite())
 * app.get('/', (req, res) => res.render('home')) // home.ejs: <%- viteTags('src/main.ts') %>
 * app.listen(3000)
 * ```
 */
export function connectVite(options?: ConnectViteOptions): Handle {
  const settings = resolveSettings(options)
  return handleOf(createMode(settings), settings)
}

function createMode(settings: Settings): Mode {
  switch (settings.mode) {
    case 'development':
      return createDevelopmentMode(settings)
    case 'production':
      return createProductionMode(settings)
    case 'stub':
      return createStubMode(settings)
  }
}
