// Lets the app ask a `vite` that runs on its own for the stylesheets of an entry, so that its first paint is styled.
import type { Plugin } from 'vite'
import { spelledAsModule } from '../dev/link-spelling.js'
import { createStylesheetEndpoint } from '../dev/stylesheet-endpoint.js'
import { relativeTo } from '../paths.js'
import { expandInputs } from './inputs.js'
import type { BackendOptions } from './options.js'

export function stylesheetsPlugin(input: BackendOptions['input']): Plugin {
  return {
    name: 'connect-vite:stylesheets',
    apply: 'serve',
    configureServer(server) {
      const { root, server: options } = server.config
      // In middleware mode the app asks the module graph itself.
      if (options.middlewareMode) return
      const entries = async () =>
        Object.values(await expandInputs(input ?? [], root))
          .filter((file) => !/\.html?$/.test(file))
          .map((file) => relativeTo(root, file))
      server.middlewares.use(createStylesheetEndpoint(server, input ? entries : undefined))
      server.middlewares.use(function connectViteLinkSpelling(req, _res, next) {
        req.url = spelledAsModule(server, req.url ?? '/')
        next()
      })
    },
  }
}
