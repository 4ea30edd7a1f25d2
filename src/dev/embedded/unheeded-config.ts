// Warnings of options in `vite.config` that have no effect on the app's own answers.
import type { ViteDevServer } from 'vite'

/** One sentence with the remedy for each option that is set. Vite on its own would apply them to every request. */
export function unheededConfig({ server }: ViteDevServer['config']): string[] {
  const { proxy = {}, headers = {} } = server
  const contexts = Object.keys(proxy)
  const names = Object.keys(headers)
  const warnings: string[] = []
  if (contexts.length > 0) {
    warnings.push(
      `server.proxy of vite.config has no effect inside an app, whose requests for ${contexts.join(', ')} do not reach Vite. ` +
        `Proxy them in the app: app.use('${contexts[0]}', createProxyMiddleware({ target })) with http-proxy-middleware.`,
    )
  }
  if (names.length > 0) {
    warnings.push(
      `server.headers of vite.config has no effect on the pages of an app, only on the files of Vite (${names.join(', ')}). ` +
        `Set them in the app, before connectVite(): app.use((req, res, next) => { res.setHeader('${names[0]}', …); next() }).`,
    )
  }
  return warnings
}
