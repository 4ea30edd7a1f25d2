// ERR_ENTRY_NOT_FOUND of development: the source file is not there, or is none that a tag can load.
import { readdirSync } from 'node:fs'
import { dirname, posix, resolve } from 'node:path'
import { nearest } from '../check.js'
import { ConnectViteError } from '../errors.js'

/** Vite serves a page as HTML, which no script element can load. */
export function pageIsNoEntry(asked: string, root: string): ConnectViteError {
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `${JSON.stringify(asked)} is an HTML page, not a script or a stylesheet.`,
    lookedIn: root,
    likelyCause:
      'the page is a build input; a build knows the script that came of it by this name, a running Vite does not',
    remedy:
      "Name the script that the page loads, such as 'src/main.ts', here and in build.rollupOptions.input, or send the page itself with page().",
  })
}

export function missingSource(asked: string, root: string): ConnectViteError {
  const shown = JSON.stringify(asked.slice(0, 200))
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `There is no file ${shown} for an entry.`,
    didYouMean: neighbours(asked, root).map((name) => JSON.stringify(name)),
    lookedIn: root,
    likelyCause:
      "a wrong name, or root is not Vite's root; in development an entry is the path of a source file, not its name in build.rollupOptions.input",
    remedy: "Write the path relative to root, such as 'src/main.ts', or set the option root.",
  })
}

/** Files with a name like that in the same directory. */
function neighbours(asked: string, root: string): string[] {
  if (asked.length > 200 || asked.includes('\0')) return []
  const path = asked.replace(/^(?:\.?\/)+/, '').replace(/\?.*$/s, '')
  const directory = posix.dirname(path)
  try {
    const names = readdirSync(dirname(resolve(root, path)))
    return nearest(posix.basename(path), names).map((name) => posix.join(directory, name))
  } catch {
    return []
  }
}
