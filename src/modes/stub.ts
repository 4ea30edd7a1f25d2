// Stub mode: the tags of the entries alone. No client, no server, no build; for an app's own tests.
import type { StubSettings } from '../options/types.js'
import { createStubHost } from '../ssr/stub-host.js'
import { createDevelopmentTagSource } from '../tags/development-source.js'
import { nonceBy } from '../tags/nonce.js'
import { baseOf } from '../urls.js'
import { infoWithoutBuild, type Mode } from './mode.js'

export function createStubMode(settings: StubSettings): Mode {
  const base = baseOf(settings.base ?? '/')
  const nothing = async () => {}
  return {
    handle: (_req, _res, next) => next(),
    tags: createDevelopmentTagSource(
      { stable: true, base: () => base, head: () => [], stylesheets: () => [], exists: () => true },
      settings,
    ),
    ssr: createStubHost({ root: settings.root, logger: settings.logger, nonce: nonceBy(settings) }),
    isReady: true,
    ready: nothing,
    reload: nothing,
    close: nothing,
    server: undefined,
    info: () => infoWithoutBuild({ mode: 'stub', base, root: settings.root }),
  }
}
