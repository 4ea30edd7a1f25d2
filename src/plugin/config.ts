// What the plugin sets in the user's config: a manifest, and the client's inputs. What the user set stays.
import type { Plugin, ResolvedConfig } from 'vite'
import { clientBuildOf, overClientBuild } from './client-build.js'
import { expandInputs } from './inputs.js'
import type { BackendOptions } from './options.js'

export function manifestPlugin(): Plugin {
  return {
    name: 'connect-vite:manifest',
    enforce: 'post',
    config: {
      // After the others, to see what they set.
      order: 'post',
      handler: ({ build }) =>
        build?.manifest === undefined ? { build: { manifest: true } } : null,
    },
    configResolved(config: ResolvedConfig) {
      if (config.command !== 'build' || clientBuildOf(config).manifest !== false) return
      config.logger.warnOnce(
        '[connect-vite] build.manifest is false in vite.config, so production will not find the entries. Leave it out.',
      )
    },
  }
}

export function inputPlugin(input: NonNullable<BackendOptions['input']>): Plugin {
  let ignored = false
  return {
    name: 'connect-vite:input',
    enforce: 'post',
    ...overClientBuild(async (client) => {
      // A merge of the two would build what neither of them says.
      ignored = client.input !== undefined
      return ignored
        ? undefined
        : { rollupOptions: { input: await expandInputs(input, client.root) } }
    }),
    buildStart() {
      if (!ignored) return
      // Once, however many environments are built.
      ignored = false
      this.warn("the option 'input' of backend() is ignored: vite.config sets its own input")
    },
  }
}
