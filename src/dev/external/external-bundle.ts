// Tags where an external Vite bundles in memory: each entry by the address that answers when its build is done.
import { ConnectViteError } from '../../errors.js'
import type { DevelopmentBundle } from '../../tags/development-source.js'
import { scriptUrl, styleUrl } from '../bundled-urls.js'
import type { ExternalVite } from './external-vite.js'

/** @param base as pages have it: at the dev server's origin with `proxy: false` */
export function createExternalBundle(
  { url, bundling }: Pick<ExternalVite, 'url' | 'bundling'>,
  base: string,
): DevelopmentBundle {
  function check(): void {
    if (bundling === 'without plugin') throw needsPlugin(url)
  }

  return {
    isExternal: true,
    find() {
      check()
      return undefined
    },
    scriptUrl: (entry) => scriptUrl(base, entry),
    styleUrl: (entry) => styleUrl(base, entry),
  }
}

function needsPlugin({ href }: URL): ConnectViteError {
  return new ConnectViteError('ERR_UNSUPPORTED', {
    what: 'Bundled development (experimental.bundledDev) of an external Vite needs the plugin of connect-vite there.',
    lookedIn: href,
    likelyCause:
      'connect-vite/plugin is not in its vite.config, or its root is not the root of this app',
    remedy:
      "Add backend() from 'connect-vite/plugin' to plugins in vite.config, or remove experimental.bundledDev.",
  })
}
