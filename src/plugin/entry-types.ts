// The option `types`: a declaration of entries and assets, so that `viteTags('src/mian.ts')` does not compile.
import { isAbsolute, resolve } from 'node:path'
import type { Plugin, ResolvedConfig } from 'vite'
import { inputOf } from '../inputs.js'
import { sourceIn } from '../paths.js'
import { assetNames, mayBeAsset } from './asset-names.js'
import type { Entries } from './entries.js'
import { inputGlobs } from './expand-inputs.js'
import type { BackendOptions } from './options.js'
import { clientBuildOf, targetOf } from './vite-majors.js'
import { watchGlobs } from './watch-globs.js'
import { writeFileIfChanged } from './write-file.js'

export function entryTypesPlugin(
  file: string,
  input: BackendOptions['input'],
  entries: Entries,
): Plugin {
  let resolved: ResolvedConfig
  let last = Promise.resolve()

  async function write(
    config: ResolvedConfig,
    inputs: unknown = inputOf({ build: clientBuildOf(config) }),
  ): Promise<void> {
    const names = entryNames(inputs, config.root).filter((name) => !config.assetsInclude(name))
    const text = declarationOf(names, await assetNames(config))
    writeFileIfChanged(resolve(config.root, file), text)
  }

  return {
    name: 'connect-vite:types',
    enforce: 'post',
    configResolved(config) {
      resolved = config
    },
    async buildStart() {
      const { isClient } = targetOf(this, resolved)
      if (resolved.command !== 'build' || !isClient) return
      await write(resolved, await entries.current(resolved.root))
    },
    async configureServer({ watcher, config }) {
      await write(config)
      const update = () => {
        last = last
          // With its last file gone a glob is an error at the next start, not now.
          .then(async () => write(config, await entries.current(config.root)))
          .catch(() => {})
        return last
      }
      entries.onChange(update)
      for (const event of ['add', 'unlink'] as const) {
        watcher.on(event, (path) => mayBeAsset(config, path) && update())
      }
      const globs = inputGlobs(input, config.root)
      if (globs.length === 0) return
      await watchGlobs(watcher, globs, config.root, (event) =>
        event === 'change' ? undefined : update(),
      )
    },
  }
}

/** As the manifest will name them: relative to root. HTML is not an entry of a template, nor is an image. */
function entryNames(inputs: unknown, root: string): string[] {
  const list = typeof inputs === 'string' ? [inputs] : Object.values((inputs as object) ?? {})
  const names = list
    .filter((item) => typeof item === 'string')
    .map((item) => (isAbsolute(item) ? sourceIn(root, item) : item.replace(/^\.\//, '')))
    .filter((name) => !name.endsWith('.html'))
  return [...new Set(names)].sort()
}

function declarationOf(names: readonly string[], assets: readonly string[] | undefined): string {
  return `// Written by connect-vite/plugin: what viteTags(), viteInline() and viteAsset() take. Do not edit.
import 'connect-vite'

declare module 'connect-vite' {
  interface Register {
    entries:${unionOf('entries', names.map(quoted))}
    assets:${unionOf('assets', (assets ?? []).map(quoted))}
  }
}
`
}

/** As formatters have it: on the line where it fits, else one a line. */
function unionOf(name: string, types: readonly string[]): string {
  const line = ` ${types.join(' | ') || 'string'}`
  const fits = `    ${name}:`.length + line.length <= LINE_WIDTH
  return fits || types.length === 1 ? line : types.map((type) => `\n      | ${type}`).join('')
}

const LINE_WIDTH = 80

function quoted(name: string): string {
  return `'${name.replace(/['\\]/g, '\\$&')}'`
}
