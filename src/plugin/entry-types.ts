// The option `types`: a declaration of the entries, so that `viteTags('src/mian.ts')` does not compile.
import { isAbsolute, resolve } from 'node:path'
import type { Plugin, ResolvedConfig } from 'vite'
import { inputOf } from '../inputs.js'
import { sourceIn } from '../paths.js'
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

  function write(config: ResolvedConfig, inputs = inputOf({ build: clientBuildOf(config) })): void {
    const names = entryNames(inputs, config.root).filter((name) => !config.assetsInclude(name))
    writeFileIfChanged(resolve(config.root, file), declarationOf(names))
  }

  return {
    name: 'connect-vite:types',
    enforce: 'post',
    configResolved(config) {
      resolved = config
    },
    buildStart() {
      const { isClient } = targetOf(this, resolved)
      if (resolved.command === 'build' && isClient) write(resolved)
    },
    async configureServer({ watcher, config }) {
      write(config)
      const update = async () => {
        // With its last file gone a glob is an error at the next start, not now.
        const inputs = await entries.current(config.root).catch(() => undefined)
        if (inputs) write(config, inputs)
      }
      entries.onChange(update)
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

function declarationOf(names: readonly string[]): string {
  return `// Written by connect-vite/plugin: the entries that viteTags() takes. Do not edit.
import 'connect-vite'

declare module 'connect-vite' {
  interface Register {
    entries:${unionOf(names.map(quoted))}
  }
}
`
}

/** As formatters have it: on the line where it fits, else one a line. */
function unionOf(types: readonly string[]): string {
  const line = ` ${types.join(' | ') || 'string'}`
  const fits = '    entries:'.length + line.length <= LINE_WIDTH
  return fits || types.length === 1 ? line : types.map((type) => `\n      | ${type}`).join('')
}

const LINE_WIDTH = 80

function quoted(name: string): string {
  return `'${name.replace(/['\\]/g, '\\$&')}'`
}
