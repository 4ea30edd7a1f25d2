// The two virtual modules of a raw environment: the transformed index.html, and an entry that answers messages.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin, ViteDevServer } from 'vite'

/** `import html from 'virtual:index-html'`: transformed in development, the built page in a server build. */
export function virtualIndexHtml(): Plugin {
  let server: ViteDevServer | undefined
  let root = ''
  return {
    name: 'virtual-index-html',
    configResolved(config) {
      root = config.root
    },
    configureServer(created) {
      server = created
    },
    resolveId: (id) => (id === 'virtual:index-html' ? `\0${id}` : undefined),
    async load(id) {
      if (id !== '\0virtual:index-html') return undefined
      const file = join(root, server ? 'index.html' : 'dist/client/index.html')
      this.addWatchFile(file)
      const html = await readFile(file, 'utf8')
      return `export default ${JSON.stringify(server ? await server.transformIndexHtml('/', html) : html)}`
    },
  }
}

/** Runs in the environment: in development requests come as messages, in production `fetch` is called. */
export function virtualEntry(): Plugin {
  return {
    name: 'virtual-entry',
    resolveId: (id) => (id === 'virtual:entry' ? `\0${id}` : undefined),
    load: (id) => (id === '\0virtual:entry' ? code : undefined),
  }
}

const code = `
  import html from 'virtual:index-html'
  import { createHandler } from '/src/handler.ts'

  const handler = createHandler({ html })
  export default { fetch: handler }

  if (import.meta.hot) {
    import.meta.hot.accept()
    import.meta.hot.on('request', async ({ id, url, ...init }) => {
      const response = await handler(new Request(url, init))
      const { status, headers } = response
      import.meta.hot.send('response', { id, status, headers: [...headers], body: await response.text() })
    })
  }
`
