// A Vite that runs on its own port, as `vite` does.
import type { AddressInfo } from 'node:net'
import { createServer, type InlineConfig, mergeConfig, type ViteDevServer } from 'vite'

export interface RunningVite {
  url: URL
  port: number
  server: ViteDevServer
  close(): Promise<void>
}

export async function runVite(
  root: string,
  config: InlineConfig = {},
  create = createServer,
): Promise<RunningVite> {
  const server = await create(
    mergeConfig(
      {
        root,
        configFile: false,
        logLevel: 'silent',
        server: { host: '127.0.0.1', port: 0 },
      } satisfies InlineConfig,
      config,
    ),
  )
  // Vite takes port 0 for "no port"; asked of the HTTP server itself it is a free one.
  const http = server.httpServer!
  await new Promise<void>((resolve) =>
    http.listen(config.server?.port ?? 0, '127.0.0.1', () => resolve()),
  )
  const { port } = http.address() as AddressInfo
  const scheme = 'setSecureContext' in http ? 'https' : 'http'
  return {
    server,
    port,
    url: new URL(`${scheme}://127.0.0.1:${port}`),
    close: () => server.close(),
  }
}
