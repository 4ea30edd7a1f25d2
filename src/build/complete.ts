// Whether a build is whole: every file that its manifest names lies on disk.

import { ConnectViteError } from '../errors.js'
import { isFullUrl } from '../urls.js'
import { isFile } from './locate.js'

/**
 * @param found what a scan of `outDir` found
 * @param base a full URL says that the files may live on a CDN
 * @throws ConnectViteError `ERR_BUILD_INCOMPLETE`
 */
export function checkComplete(
  outDir: string,
  listed: ReadonlySet<string>,
  found: ReadonlySet<string>,
  base: string,
): void {
  const missing = missingFiles(outDir, listed, found)
  if (missing.length === 0) return
  if (isFullUrl(base) && holdsOnlyTheManifest(found)) return
  const shown = missing.slice(0, 5).join(', ')
  throw new ConnectViteError('ERR_BUILD_INCOMPLETE', {
    what: `The manifest names ${missing.length} of ${listed.size} files that are not there: ${shown}${missing.length > 5 ? ', …' : ''}`,
    lookedIn: outDir,
    likelyCause:
      'a build or a copy is under way or was interrupted, only a part was deployed, or this process may not read a directory',
    remedy:
      'Build again (vite build) and deploy the whole directory. If the files live on a CDN, set base to its URL and deploy the manifest alone.',
  })
}

export function missingFiles(
  outDir: string,
  listed: ReadonlySet<string>,
  found: ReadonlySet<string>,
): string[] {
  return [...listed].filter((file) => !found.has(file) && !isFile(outDir, file))
}

/** Nothing beside what Vite and the plugin write for servers, and what the system leaves behind. */
function holdsOnlyTheManifest(found: ReadonlySet<string>): boolean {
  return [...found].every((file) => file.startsWith('.') || /^[^/]+\.json$/.test(file))
}
