// What viteInline() prints of a built file: its text, right and harmless inside an element of a page.

import { isStylesheet } from '../build/kinds.js'
import type { Build } from '../build/load-build.js'
import { ConnectViteError } from '../errors.js'
import { escapeScript, escapeStyle, rebaseScript, rebaseStyle, withoutSourceMap } from './inline.js'

/**
 * @param url where the file itself is, since what it names is relative to that
 * @throws ConnectViteError `ERR_BUILD_INCOMPLETE` when the file cannot be read
 */
export function readInline(build: Build, file: string, url: string): string {
  const text = withoutSourceMap(read(build, file))
  return isStylesheet(file)
    ? escapeStyle(rebaseStyle(text, url))
    : escapeScript(rebaseScript(text, url))
}

function read(build: Build, file: string): string {
  try {
    return build.read(file).toString('utf8')
  } catch (cause) {
    throw new ConnectViteError('ERR_BUILD_INCOMPLETE', {
      what: `The file ${file} cannot be printed inline, because it cannot be read.`,
      lookedIn: build.directories.map(({ outDir }) => outDir),
      likelyCause: 'only the manifest was deployed, or the build was replaced meanwhile',
      remedy: 'Deploy the files beside the manifest, or print the ordinary tags with viteTags().',
      cause,
    })
  }
}
