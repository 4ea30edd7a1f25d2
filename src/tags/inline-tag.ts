// The text of a built file in an element of its own: critical CSS, or a script that must not wait.
import { ConnectViteError } from '../errors.js'
import type { Build } from '../manifest/build.js'
import { isStylesheet } from '../manifest/kinds.js'
import {
  escapeScript,
  escapeStyle,
  rebaseScript,
  rebaseStyle,
  withoutSourceMap,
} from './inline-text.js'
import { scriptKey, styleKey } from './keys.js'
import type { Tag } from './types.js'

/**
 * Counts as the file itself: a page that has its text gets no link to it any more.
 *
 * @throws ConnectViteError `ERR_BUILD_INCOMPLETE` when the file cannot be read
 */
export function inlineTag(build: Build, file: string, url: string): Tag {
  const text = withoutSourceMap(read(build, file))
  return isStylesheet(file)
    ? {
        name: 'style',
        attributes: {},
        text: escapeStyle(rebaseStyle(text, url)),
        nonce: true,
        kind: 'style',
        key: styleKey(url),
      }
    : {
        name: 'script',
        attributes: { type: 'module' },
        text: escapeScript(rebaseScript(text, url)),
        nonce: true,
        kind: 'script',
        key: scriptKey(url),
      }
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
      status: 500,
      expose: false,
    })
  }
}
