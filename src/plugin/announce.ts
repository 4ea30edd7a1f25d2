// What an external Vite tells the app: the hot file says where it listens, an endpoint gives an entry's stylesheets.
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { isAbsolute, join } from 'node:path'
import type { Plugin, ViteDevServer } from 'vite'
import { createInputsEndpoint } from '../dev/build-inputs.js'
import { wantsBundledDev } from '../dev/bundled-development.js'
import { HOT_FILE, HOT_FILE_VERSION, type HotFile } from '../dev/hot-file.js'
import { createStylesheetEndpoint } from '../dev/stylesheets.js'
import { configuredEntries, isHtml } from '../inputs.js'
import { relativeTo } from '../paths.js'
import { baseOf, isRelative } from '../urls.js'
import type { Entries } from './entries.js'
import { readText, writeFileAtomically } from './write-file.js'

export function announcePlugin(): Plugin {
  return {
    name: 'connect-vite:hot-file',
    apply: 'serve',
    configureServer(server) {
      const { httpServer, config } = server
      // In middleware mode the app has Vite inside; Vitest's server is not for browsers.
      if (!httpServer || config.server.middlewareMode || isVitest(server)) return
      announce(server, httpServer as HttpServer)
    },
  }
}

/** What HTTP, HTTPS and HTTP/2 servers have in common. */
interface HttpServer {
  address(): AddressInfo | string | null
  once(event: 'listening' | 'close', listener: () => void): unknown
}

function announce(server: ViteDevServer, httpServer: HttpServer): void {
  const file = join(server.config.root, HOT_FILE)
  let written: string | undefined
  let closed = false

  async function write(): Promise<void> {
    const head = await headOf(server)
    const url = originOf(server, httpServer.address())
    if (closed || url === undefined) return
    const { base, rawBase } = server.config as typeof server.config & { rawBase?: string }
    const content: HotFile = {
      version: HOT_FILE_VERSION,
      url,
      base,
      head,
      ...(wantsBundledDev(server.config) && { bundled: true }),
      ...(rawBase !== undefined && isRelative(baseOf(rawBase)) && { relative: true }),
      pid: process.pid,
    }
    written = `${JSON.stringify(content, null, 2)}\n`
    writeFileAtomically(file, written)
  }

  httpServer.once('listening', () => {
    write().catch((error: Error) =>
      server.config.logger.warn(`[connect-vite] ${file} could not be written: ${error.message}`),
    )
  })
  httpServer.once('close', () => {
    closed = true
    // Another `vite` of the same root may have announced itself meanwhile.
    if (written !== undefined && readText(file) === written) rmSync(file, { force: true })
  })
}

/** The client and every plugin's preamble: what Vite puts into an empty page. */
async function headOf(server: ViteDevServer): Promise<string> {
  try {
    return await server.transformIndexHtml('/', '')
  } catch (error) {
    // One plugin's hook that cannot do without a real page must not hide the server.
    server.config.logger.warn(`[connect-vite] no head tags: ${(error as Error).message}`)
    return ''
  }
}

/** Where the server listens, by the name that a browser would use. */
function originOf(server: ViteDevServer, address: AddressInfo | string | null): string | undefined {
  if (typeof address !== 'object' || address === null) return undefined
  const { host, https } = server.config.server
  const anywhere = ['0.0.0.0', '::', '0000:0000:0000:0000:0000:0000:0000:0000']
  const name = typeof host === 'string' && !anywhere.includes(host) ? host : 'localhost'
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  return `${https ? 'https' : 'http'}://${bracketed}:${address.port}`
}

function isVitest({ config }: ViteDevServer): boolean {
  return config.plugins.some(({ name }) => name === 'vitest' || name.startsWith('vitest:'))
}

/** Answers the app's question for the stylesheets of an entry, so that its first paint is styled. */
export function stylesheetsPlugin(entries: Entries): Plugin {
  return {
    name: 'connect-vite:stylesheets',
    apply: 'serve',
    configureServer(server) {
      const { root, server: options } = server.config
      // In middleware mode the app asks the module graph itself.
      if (options.middlewareMode) return
      const known = async () =>
        ((await entries.current(root)) ?? configuredEntries(server.config))
          .filter((file) => !isHtml(file))
          .map((file) => (isAbsolute(file) ? relativeTo(root, file) : file))
      server.middlewares.use(createStylesheetEndpoint(server, known))
      server.middlewares.use(createInputsEndpoint(server))
    },
  }
}
