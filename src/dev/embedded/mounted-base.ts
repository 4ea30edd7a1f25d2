// `base: './'` in development: the path that the middleware is mounted at, as in production.
import type { Plugin } from 'vite'
import type { Logger } from '../../logger.js'
import { baseAt, baseOf, isRelative } from '../../urls.js'

export interface MountedBase {
  /** Goes into Vite's config. */
  plugin: Plugin
  /** Takes note of where a request met the middleware. The first one decides. */
  meet(mount: string): void
  /** Whether Vite runs with another base, because it started before the first request. */
  isStale(): boolean
  /** After a restart, even one that has failed: it is tried once. */
  restarted(): void
}

/**
 * Vite takes a relative base for `/` while it serves. The modules that it makes name each other by absolute paths, so
 * below a mount path it needs that path as its base.
 */
export function createMountedBase(logger: Logger): MountedBase {
  let mount: string | undefined
  let used = '/'
  let relative = false
  let warned = false

  return {
    plugin: {
      name: 'connect-vite:mounted-base',
      config: {
        order: 'post',
        handler({ base }) {
          relative = base !== undefined && isRelative(baseOf(base))
          used = mount ?? '/'
          return relative ? { base: used } : undefined
        },
      },
    },
    meet(path) {
      const met = baseAt('./', path)
      mount ??= met
      if (!relative || met === mount || warned) return
      warned = true
      logger.warn(
        `base: './' works at one mount path in development, and the first request came to ${mount}. ` +
          `Requests to ${met} get the URLs of ${mount}. Create a connectVite() for each mount path.`,
      )
    },
    isStale: () => relative && mount !== undefined && used !== mount,
    restarted() {
      used = mount ?? used
    },
  }
}
