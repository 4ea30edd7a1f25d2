// Look-up of Vite's environments by name.
import type { ViteDevServer } from 'vite'
import { nearest } from '../../check.js'
import { ConnectViteError } from '../../errors.js'
import type { WithInput } from '../../inputs.js'
import { DEFAULT_ENVIRONMENT, type FetchHandler, type ServerModule } from '../host.js'

/**
 * The two kinds of https://vite.dev/guide/api-environment-frameworks, told apart by what they can do: Vite's own
 * checks are `instanceof`, which a second copy of Vite in the tree would fail.
 */
export interface Environment {
  /** A getter that makes the runner: asked for by name, not touched before it is used. */
  runner?: { import(url: string): Promise<ServerModule> }
  dispatchFetch?: FetchHandler
  config?: WithInput
}

/** @throws ConnectViteError `ERR_OPTION` when there is none of this name */
export function environmentOf(vite: ViteDevServer, name: string): Environment {
  const environments: Record<string, unknown> | undefined = vite.environments
  // Vite 5 has one, without a name.
  if (!environments && name === DEFAULT_ENVIRONMENT) return viteFive(vite)
  const names = Object.keys(environments ?? { ssr: undefined })
  if (environments && names.includes(name)) return environments[name] as Environment
  throw new ConnectViteError('ERR_OPTION', {
    what: `Vite has no environment "${name}".`,
    didYouMean: nearest(name, names, 1).map((near) => `"${near}"`),
    lookedIn: `environments of the Vite config: ${names.join(', ')}`,
    likelyCause: environments ? undefined : 'Vite 5 has no Environment API',
    remedy: environments
      ? `Add environments: { ${name}: {} } to vite.config.`
      : 'Update Vite, or leave the environment option out.',
  })
}

function viteFive(vite: ViteDevServer): Environment {
  return {
    runner: { import: (url) => vite.ssrLoadModule(url) },
    config: vite.config as WithInput,
  }
}
