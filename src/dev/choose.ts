// Which Vite development uses: the one that a URL names, the app's own, or whichever is found.
import type { DevelopmentSettings } from '../options/types.js'
import { createAnnouncedServer } from './announced.js'
import type { DevServer } from './dev-server.js'
import { createEmbeddedServer } from './embedded.js'
import { createProxiedServer } from './proxied.js'

export function createDevServer(settings: DevelopmentSettings): DevServer {
  const { server, url } = settings.devServer
  if (url) return createProxiedServer(settings, url)
  if (server) return createEmbeddedServer(settings)
  return createAnnouncedServer(settings)
}
