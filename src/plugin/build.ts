// One build from its first hook to its last: the manifest is on, and when all files are there they are kept, recorded and compressed.
import type { Plugin, ResolvedConfig } from 'vite'
import { compressFiles } from './compress.js'
import { writeDeltas } from './deltas.js'
import type { Entries } from './entries.js'
import { type HashedFiles, hashedFiles, type NamingPatterns, type OutputFile } from './hashed.js'
import { createKeeper, hideOldFiles, type Keeper } from './keep.js'
import type { BackendOptions } from './options.js'
import { recordServers, serversInside, writeRecord, writeServerRecord } from './records.js'
import { type Context, clientBuildOf, type Target, targetOf } from './vite-majors.js'

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
      if (config.command !== 'build') return
      for (const { isSet, warning } of unusable)
        if (isSet(config)) config.logger.warnOnce(`[connect-vite] ${warning}`)
    },
  }
}

/** What the config may say, and the tags cannot follow: production has the manifest, and no functions of the config. */
const unusable: { isSet(config: ResolvedConfig): boolean; warning: string }[] = [
  {
    isSet: (config) => clientBuildOf(config).manifest === false,
    warning:
      'build.manifest is false in vite.config, so production will not find the entries. Leave it out.',
  },
  {
    isSet: ({ experimental }) => experimental?.renderBuiltUrl !== undefined,
    warning:
      "experimental.renderBuiltUrl applies within scripts and stylesheets only: viteTags() and viteAsset() print the base and the file's name. For a CDN set `base` to its URL.",
  },
  {
    isSet: (config) => {
      const { modulePreload } = clientBuildOf(config)
      return typeof modulePreload === 'object' && modulePreload.resolveDependencies !== undefined
    },
    warning:
      "build.modulePreload.resolveDependencies applies to dynamic imports and HTML pages only: viteTags() preloads all that an entry imports. Drop a tag with connectVite({ attributes: ({ kind, url }) => kind === 'preload' && url.includes('…') ? false : {} }).",
  },
]

/** One build of one environment, between its hooks. */
interface Run {
  readonly hashed: HashedFiles
  readonly files: Set<string>
  readonly entries: Array<{ fileName: string; facadeModuleId: string | null }>
  /** Of a server: what its code imports and a browser loads, by file name. */
  readonly assets: Map<string, string | Uint8Array>
  readonly keeper: Keeper | undefined
  written: boolean
}

/** The styles of a server's modules are the client's, and the rest is for tools. */
const NOT_AN_ASSET = /\.(?:css|map)$|^\.vite\//

export function buildPlugin(
  options: BackendOptions,
  entries: Entries,
  emptied: () => boolean | null | undefined,
): Plugin {
  let resolved: ResolvedConfig
  const runs = new WeakMap<object, Run>()
  const runOf = (context: Context) => runs.get(targetOf(context, resolved).identity)
  /** Hashed files of the bundles that Vite makes of workers. It emits them into the client's under a fixed name. */
  const ofWorkers: HashedFiles = new Map()
  const workerBundles: Plugin = {
    name: 'connect-vite:worker-files',
    generateBundle(output, bundle) {
      const files = Object.values(bundle) as OutputFile[]
      const named = hashedFiles(files, output as NamingPatterns, ofWorkers)
      for (const [file, hash] of named) ofWorkers.set(file, hash)
    },
  }

  async function finishClient(target: Target, run: Run): Promise<void> {
    const before = run.keeper?.finish(run.hashed, run.files)
    const kept = before?.all ?? new Map<string, string>()
    writeRecord(target, new Map([...run.hashed, ...kept]), run.files, entries.found)
    if (!options.compress) return
    // Kept files have their siblings from an earlier build.
    const servers = serversInside(target)
    await compressFiles(
      target.outDir,
      (file) => kept.has(file) || servers.some((directory) => file.startsWith(directory)),
      (problem) => resolved.logger.warn(problem),
    )
    if (before) await writeDeltas(target.outDir, run.hashed, before.newest)
  }

  function finishServer(target: Target, run: Run): void {
    writeServerRecord(target, run.entries)
    const client = recordServers(target, run.assets, run.hashed)
    if (client === undefined && run.assets.size > 0) {
      const names = [...run.assets.keys()].join(', ')
      resolved.logger.warn(
        `[connect-vite] Server code imports files that the client's build would have to serve, and there is no such build: ${names}. Build the client first (vite build --app does).`,
      )
    }
  }

  return {
    name: 'connect-vite:build',
    apply: 'build',
    enforce: 'post',
    config: () => ({ worker: { plugins: () => [workerBundles] } }),
    configResolved(config) {
      resolved = config
      if (options.keep) hideOldFiles(config.plugins, runOf)
    },

    // Before Vite copies and writes: it prepares `outDir` when it begins to render.
    async buildStart() {
      const target = targetOf(this, resolved)
      const keep = target.isClient ? options.keep : undefined
      runs.set(target.identity, {
        hashed: new Map(),
        files: new Set(),
        entries: [],
        assets: new Map(),
        keeper: keep && (await createKeeper(target, keep, emptied())),
        written: false,
      })
    },

    // Vite removes assets from the output of a server after this, and the HTML that it renders would name nothing.
    generateBundle: {
      order: 'pre',
      handler(output, bundle) {
        const target = targetOf(this, resolved)
        const run = runs.get(target.identity)
        if (!run || target.isClient) return
        const files = Object.values(bundle).filter((file) => file.type === 'asset')
        const assets = files.filter(({ fileName }) => !NOT_AN_ASSET.test(fileName))
        for (const { fileName, source } of assets) run.assets.set(fileName, source)
        const named = hashedFiles(assets as OutputFile[], output as NamingPatterns, ofWorkers)
        for (const [file, hash] of named) run.hashed.set(file, hash)
      },
    },

    // Once for every output: plugin-legacy adds a second one.
    writeBundle(output, bundle) {
      const target = targetOf(this, resolved)
      const run = runs.get(target.identity)
      if (!run) return
      const files = Object.values(bundle)
      for (const { fileName } of files) run.files.add(fileName)
      const named = hashedFiles(files as OutputFile[], output as NamingPatterns, ofWorkers)
      for (const [file, hash] of named) run.hashed.set(file, hash)
      for (const file of files) {
        if (file.type === 'chunk' && file.isEntry) {
          run.entries.push({ fileName: file.fileName, facadeModuleId: file.facadeModuleId })
        }
      }
      run.written = true
    },

    // What was written before the error is not a build.
    renderError() {
      runs.delete(targetOf(this, resolved).identity)
    },

    closeBundle: {
      // Other plugins write files here too: they have done so when it is our turn.
      order: 'post',
      sequential: true,
      async handler() {
        const target = targetOf(this, resolved)
        const run = runs.get(target.identity)
        if (!run?.written) return
        run.written = false
        if (target.isClient) await finishClient(target, run)
        else finishServer(target, run)
      },
    },
  }
}
