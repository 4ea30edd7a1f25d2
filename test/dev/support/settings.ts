// Development settings as the options' resolution makes them, with what a test wants to be different.
import type { DevelopmentSettings, ResolvedDevServer } from '../../../src/options/types.js'
import * as resolved from '../../support/settings.js'

export function developmentSettings(
  root: string,
  devServer: Partial<ResolvedDevServer> = {},
  more: Partial<DevelopmentSettings> = {},
): DevelopmentSettings {
  const settings = resolved.developmentSettings({ root })
  return {
    ...settings,
    ...more,
    devServer: {
      ...settings.devServer,
      ...devServer,
      config: { logLevel: 'silent', ...devServer.config },
    },
  }
}
