// Which Vite development uses: the one that a URL names, the app's own, or whichever is found.
import type { DevelopmentSettings } from '../options/types.js'
import type { DevServer } from './dev-server.js'
import { createEmbeddedServer } from './embedded/embedded-server.js'
import { createProxiedServer } from './external/external-server.js'
import { createAnnouncedServer } from './find-server.js'

export function createDevServer(settings: DevelopmentSettings): DevServer {
  const { server, url } = settings.devServer
  if (url) return createProxiedServer(settings, url)
  if (server) return createEmbeddedServer(settings)
  return createAnnouncedServer(settings)
}
