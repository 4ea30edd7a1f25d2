// Three environments: the browser's, a runnable one called `server`, and a fetchable one called `custom`.
import { backend } from 'connect-vite/plugin'
import * as vite from 'vite'

/** In development this one is asked through `dispatchFetch()`, wherever its modules run. */
function createEnvironment(name, config) {
  const environment = vite.createFetchableDevEnvironment(name, config, {
    hot: true,
    transport: vite.createServerHotChannel(),
    async handleRequest(request) {
      const { default: handler } = await runner.import('/src/worker.js')
      return handler.fetch(request)
    },
  })
  const runner = vite.createServerModuleRunner(environment)
  return environment
}

export default vite.defineConfig({
  plugins: [backend()],
  environments: {
    client: { build: { rollupOptions: { input: 'index.html' } } },
    server: {
      build: { rollupOptions: { input: ['src/entry-server.js', 'src/api.js'] } },
    },
    custom: {
      dev: { createEnvironment },
      build: { rollupOptions: { input: 'src/worker.js' } },
    },
  },
})
