// Production mode: tags from the manifest, files from the table. Nothing of Vite is loaded.
import { recordedOutDirs } from '../build/find-build.js'
import { isEntry } from '../build/kinds.js'
import { type Build, loadBuild, outDirOf } from '../build/load-build.js'
import type { ProductionSettings } from '../options/types.js'
import { relativeTo } from '../paths.js'
import { createFileServer } from '../serve/file-server.js'
import { createLook, watchBuild } from '../serve/watch.js'
import { createProductionHost } from '../ssr/production/built-host.js'
import { createBuildTagSource } from '../tags/build-source.js'
import { nonceBy } from '../tags/nonce.js'
import type { Info, Mode } from './mode.js'

export function createProductionMode(given: ProductionSettings): Mode {
  const settings = withOutDir(given)
  const { root, logger } = settings
  // Taken before the build is loaded: what changes meanwhile is a change.
  const look = settings.watch ? createLook(outDirOf(settings)) : undefined
  let build = loadBuild(settings)
  let tags = createBuildTagSource(build, settings)
  const files = createFileServer({ ...settings, ...build })
  const ssr = createProductionHost({
    root,
    current: () => build,
    logger,
    nonce: nonceBy(settings),
    watch: settings.watch,
  })
  let complained = false

  /**
   * Replaces tags and files in one step, or not at all: everything that can fail runs before.
   * A rebuild in progress fails in several ways, so only the first failure is logged until a good one.
   * Returns whether the build was good.
   */
  function reload(): boolean {
    try {
      const nextBuild = loadBuild(settings)
      const nextTags = createBuildTagSource(nextBuild, settings)
      files.replace(nextBuild)
      build = nextBuild
      tags = nextTags
      ssr.refresh()
      complained = false
      return true
    } catch (error) {
      if (!complained) logger.warn(`The last good build stays in use. ${(error as Error).message}`)
      complained = true
      return false
    }
  }

  const watcher =
    look && build.directories.length > 0 ? watchBuild(look, reload, logger) : undefined

  return {
    handle: files.handle,
    get tags() {
      return tags
    },
    ssr,
    isReady: true,
    ready: async () => {},
    reload: async () => void reload(),
    async close() {
      watcher?.close()
      files.close()
      ssr.close()
    },
    server: undefined,
    info: (): Info => ({
      mode: 'production',
      base: build.base,
      root,
      outDir: build.directories[0]?.outDir,
      manifest: manifestInfo(build),
      entries: [...build.chunks].filter(([, chunk]) => isEntry(chunk)).map(([key]) => key),
      files: files.files,
      bytesCached: files.bytesCached,
      bytesSaved: files.bytesSaved,
      devServer: undefined,
    }),
  }
}

/** The build that is found stays the one that is served. Where there are several, the log says which it is. */
function withOutDir(settings: ProductionSettings): ProductionSettings {
  if (settings.outDir !== undefined || typeof settings.manifest === 'object') return settings
  const [newest, ...others] = recordedOutDirs(settings.root)
  if (newest === undefined) return settings
  if (others.length > 0)
    settings.logger.warn(
      `There are ${others.length + 1} builds of this app. ${newest} is the newest and is served, not ${others.join(', ')}. ` +
        `Delete what is left over, or set outDir: '${relativeTo(settings.root, newest)}'.`,
    )
  return { ...settings, outDir: [newest] }
}

function manifestInfo({ manifest: { path, mtime } }: Build): Info['manifest'] {
  if (path === undefined || mtime === undefined) return undefined
  return { path, age: Math.max(0, Math.round((Date.now() - Number(mtime)) / 1000)) }
}
