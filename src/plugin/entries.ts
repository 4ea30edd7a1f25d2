// The inputs of the client's build: files and globs of the option `input`, and entries that templates name.
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Plugin, ResolvedConfig } from 'vite'
import { INPUT_PLUGIN, type InputApi } from '../dev/build-inputs.js'
import { configuredInputs, inputsIn } from '../inputs.js'
import { relativeTo, slashed } from '../paths.js'
import { absolute, expandInputs, type Inputs } from './expand-inputs.js'
import {
  type Findings,
  type FoundEntry,
  findEntries,
  type Templates,
  templatesOf,
} from './found-entries.js'
import type { BackendOptions } from './options.js'
import { overClientBuild, targetOf } from './vite-majors.js'
import { watchGlobs } from './watch-globs.js'

/** The entries of one `backend()`: those of the option, and those that templates name. */
export interface Entries {
  readonly plugin: Plugin
  /** Globs of the templates that are searched; none where the config has inputs. */
  readonly templates: Templates | undefined
  /** What the last search has found. */
  readonly found: readonly FoundEntry[]
  /** Absolute paths, and names that are no files. `undefined` where the config alone has inputs. */
  current(root: string): Promise<string[] | undefined>
  /** In development: calls back when templates name other entries than before. */
  onChange(listener: () => void): void
}

export function createEntries(options: BackendOptions): Entries {
  const { input } = options
  const templates = templatesOf(options)
  const listeners: (() => void)[] = []
  const said = new Set<string>()
  let findings: Findings = { entries: [], problems: [], files: [] }
  /** What the bundler was given when it started. */
  let given: ReadonlySet<string> = new Set()
  let isUsersOwn = false
  let resolved: ResolvedConfig
  let base: string | undefined

  async function search(root: string): Promise<void> {
    if (templates && !isUsersOwn) findings = await findEntries(templates, root, base)
  }

  /** Each entry and each problem once, however often it is looked for. */
  function report({ logger, build }: ResolvedConfig): void {
    if (build.ssr) return
    const news = findings.entries.filter(({ entry }) => isNews(entry))
    if (news.length > 0) {
      const listed = news.map(({ entry, places }) => `${entry} (${places.join(', ')})`)
      const what = news.length === 1 ? '1 entry' : `${news.length} entries`
      logger.info(`[connect-vite] ${what} found in templates: ${listed.join(', ')}`)
    }
    for (const problem of findings.problems.filter(isNews)) {
      logger.warn(`[connect-vite] ${problem}`)
    }
  }
  function isNews(text: string): boolean {
    const isNew = !said.has(text)
    said.add(text)
    return isNew
  }

  /** Only while the config leaves the inputs to the plugin. */
  async function allInputs(root: string): Promise<Inputs | undefined> {
    const listed = input === undefined ? undefined : await expandInputs(input, root)
    const found = findings.entries.map(({ entry }) => absolute(entry, root))
    if (found.length === 0) return listed
    if (listed !== undefined) return withFound(listed, found, root)
    // What Vite builds by itself.
    const page = resolve(root, 'index.html')
    return existsSync(page) ? [slashed(page), ...found] : found
  }

  const { configResolved, ...overClient } = overClientBuild(async (client) => {
    // Merged, the two would build what neither of them names.
    isUsersOwn = client.input !== undefined
    base = client.base
    if (isUsersOwn) return undefined
    await search(client.root)
    const inputs = await allInputs(client.root)
    given = new Set(Object.values(inputs ?? []))
    return inputs && { rollupOptions: { input: inputs } }
  })
  let isIgnored = input !== undefined || options.templates !== undefined

  /** For what a page asks: the watcher may not have seen the template yet. */
  const api: InputApi = {
    async entries() {
      const { root } = resolved
      await search(root)
      const inputs = isUsersOwn ? undefined : await allInputs(root)
      return {
        inputs: inputs ? inputsIn(root, inputs) : configuredInputs(resolved),
        ...(templates && !isUsersOwn && { templates: templates.globs }),
      }
    },
  }

  const plugin: Plugin = {
    name: INPUT_PLUGIN,
    enforce: 'post',
    api,
    ...overClient,
    async configResolved(config) {
      resolved = config
      await configResolved(config)
      report(config)
    },
    async buildStart() {
      if (isUsersOwn && isIgnored) {
        // Once, however many environments are built.
        isIgnored = false
        const option = input === undefined ? 'templates' : 'input'
        this.warn(
          `The option '${option}' of backend() is ignored, because vite.config sets build.rollupOptions.input. Remove one of the two.`,
        )
      }
      const target = targetOf(this, resolved)
      const isWatched = resolved.command === 'build' && target.isClient && this.meta.watchMode
      if (!templates || isUsersOwn || !isWatched) return
      await search(target.root)
      report(resolved)
      for (const file of findings.files) this.addWatchFile(file)
      // A directory tells of files that are added.
      for (const directory of new Set(findings.files.map((file) => dirname(file)))) {
        this.addWatchFile(directory)
      }
      for (const { entry } of findings.entries) {
        const id = absolute(entry, target.root)
        if (!given.has(id)) this.emitFile({ type: 'chunk', id })
      }
    },
    async configureServer({ watcher, config }) {
      if (!templates || isUsersOwn) return
      await watchGlobs(watcher, templates.globs, config.root, async () => {
        const before = findings.entries.map(({ entry }) => entry).join('\n')
        await search(config.root)
        report(config)
        if (findings.entries.map(({ entry }) => entry).join('\n') !== before) {
          for (const listener of listeners) listener()
        }
      })
    },
  }

  return {
    plugin,
    templates,
    get found() {
      return findings.entries
    },
    async current(root) {
      const inputs = isUsersOwn ? undefined : await allInputs(root)
      return inputs && Object.values(inputs)
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

/** In a table each needs a name that no other has. */
function withFound(listed: Inputs, found: readonly string[], root: string): Inputs {
  if (Array.isArray(listed)) return [...new Set([...listed, ...found])]
  const known = new Set(Object.values(listed))
  const added = found
    .filter((file) => !known.has(file))
    .map((file) => [relativeTo(root, file).replace(/\.\w+$/, ''), file])
  return { ...Object.fromEntries(added), ...listed }
}
