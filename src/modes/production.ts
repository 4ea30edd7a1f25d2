// Production mode: tags from the manifest, files from the table. Nothing of Vite is loaded.

import { isEntry } from '../build/kinds.js'
import { type Build, loadBuild } from '../build/load-build.js'
import type { ProductionSettings } from '../options/types.js'
import { createFileServer } from '../serve/file-server.js'
import { watchBuild } from '../serve/watch.js'
import { createProductionHost } from '../ssr/production/built-host.js'
import { createBuildTagSource } from '../tags/build-source.js'
import { nonceBy } from '../tags/nonce.js'
import type { Info, Mode } from './mode.js'

export function createProductionMode(settings: ProductionSettings): Mode {
  const { root, logger } = settings
  let build = loadBuild(settings)
  let tags = createBuildTagSource(build, settings)
  const files = createFileServer({ ...settings, ...build })
  const ssr = createProductionHost({
    root,
    current: () => build,
    logger,
    nonce: nonceBy(settings),
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

  const outDir = build.directories[0]?.outDir
  const watcher = settings.watch && outDir ? watchBuild(outDir, reload, logger) : undefined

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

function manifestInfo({ manifest: { path, mtime } }: Build): Info['manifest'] {
  if (path === undefined || mtime === undefined) return undefined
  return { path, age: Math.max(0, Math.round((Date.now() - Number(mtime)) / 1000)) }
}
