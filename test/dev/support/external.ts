// An app in front of an external Vite.
import type { RequestListener } from 'node:http'
import {
  createExternalServer,
  type ExternalServer,
} from '../../../src/dev/external/external-server.js'
import type { Handler } from '../../../src/http.js'
import type { Logger } from '../../../src/logger.js'
import type { DevelopmentSettings, ResolvedDevServer } from '../../../src/options/types.js'
import { echo, listen, type RunningApp, starting } from './app.js'
import { developmentSettings } from './settings.js'

export interface ExternalApp extends RunningApp {
  dev: ExternalServer
  /** What was logged, in order. */
  log: string[]
}

export async function externalApp(
  url: URL,
  {
    devServer = {},
    settings = {},
    fallback = echo,
    root = '/nowhere',
    wrap = (handler) => (req, res) => handler(req, res, () => fallback(req, res, () => {})),
  }: {
    devServer?: Partial<ResolvedDevServer>
    settings?: Partial<DevelopmentSettings>
    fallback?: Handler
    root?: string
    wrap?: (handler: Handler) => RequestListener
  } = {},
): Promise<ExternalApp> {
  const log: string[] = []
  const record = (level: string) => (message: string) => void log.push(`${level}: ${message}`)
  const logger: Logger = { info: record('info'), warn: record('warn'), error: record('error') }
  const dev = createExternalServer(
    developmentSettings(root, devServer, { logger, ...settings }),
    url,
  )
  const app = await listen(wrap(starting(dev)))
  return {
    ...app,
    dev,
    log,
    async close() {
      await dev.close()
      await app.close()
    },
  }
}
