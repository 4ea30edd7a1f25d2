// Development settings as the options' resolution makes them, with what a test wants to be different.
import type { DevelopmentSettings, ResolvedDevServer } from '../../../src/options/types.js'

export function developmentSettings(
  root: string,
  devServer: Partial<ResolvedDevServer> = {},
  more: Partial<DevelopmentSettings> = {},
): DevelopmentSettings {
  const quiet = { info() {}, warn() {}, error() {} }
  return {
    mode: 'development',
    root,
    base: undefined,
    nonce: undefined,
    integrity: false,
    crossorigin: undefined,
    attributes: {},
    preload: 'tag',
    prefetch: false,
    cssOrder: 'entry-first',
    recover: false,
    name: 'vite',
    logger: quiet,
    ...more,
    devServer: {
      server: undefined,
      url: undefined,
      proxy: true,
      paths: [],
      allowedHosts: [],
      ...devServer,
      config: { logLevel: 'silent', ...devServer.config },
    },
  }
}
