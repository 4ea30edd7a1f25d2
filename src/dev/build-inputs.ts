// What a build of this Vite would start from: asked of the plugin, which searches templates, else read from the config.
import type { Connect, ViteDevServer } from 'vite'
import { configuredInputs } from '../inputs.js'
import { createEndpointCheck } from './host-check.js'

export interface BuildInputs {
  /** Relative to root where they are files. */
  readonly inputs: readonly string[]
  /** Globs of the templates in which the plugin looks for entries. */
  readonly templates?: readonly string[] | undefined
  /** Absolute; empty where there is none. */
  readonly publicDir: string
}

/** The plugin that knows. */
export const INPUT_PLUGIN = 'connect-vite:input'

/** What that plugin has as `api`. */
export interface InputApi {
  /** As new as the templates. `undefined` where the config alone has inputs. */
  entries(): Promise<Pick<BuildInputs, 'inputs' | 'templates'> | undefined>
}

export async function buildInputsOf(config: ViteDevServer['config']): Promise<BuildInputs> {
  const { publicDir, plugins } = config
  const api = plugins.find(({ name }) => name === INPUT_PLUGIN)?.api as InputApi | undefined
  return { publicDir, ...((await api?.entries()) ?? { inputs: configuredInputs(config) }) }
}

/** Below the base, beside the endpoint for stylesheets. */
export const INPUTS_ENDPOINT = '@connect-vite/inputs'

/** Answers the app whose Vite this is. */
export function createInputsEndpoint({ config }: ViteDevServer): Connect.NextHandleFunction {
  const mayAsk = createEndpointCheck(config)
  return function connectViteInputs(req, res, next) {
    if (req.url !== `${config.base}${INPUTS_ENDPOINT}` || !mayAsk(req)) return next()
    buildInputsOf(config).then((found) => {
      res.setHeader('Content-Type', 'application/json')
      res.setHeader('Cache-Control', 'no-store')
      res.end(JSON.stringify(found))
    }, next)
  }
}

/** The answer of such an endpoint; another version of the plugin may run there. */
export function parseBuildInputs(text: string): BuildInputs | undefined {
  const { inputs, templates, publicDir } = JSON.parse(text) as Partial<BuildInputs>
  const isKnown = isTexts(inputs) && (templates === undefined || isTexts(templates))
  return isKnown && typeof publicDir === 'string' ? { inputs, templates, publicDir } : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
