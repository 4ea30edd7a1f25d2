// ERR_ENTRY_NOT_FOUND of development: the source file is not there.
import { readdirSync } from 'node:fs'
import { dirname, posix, resolve } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { nearest } from '../nearest.js'

export function missingSource(asked: string, root: string): ConnectViteError {
  const shown = JSON.stringify(asked.slice(0, 200))
  const near = neighbours(asked, root).map((name) => JSON.stringify(name))
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `There is no file ${shown} for an entry.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`,
    lookedIn: root,
    likelyCause:
      "a wrong name, or root is not Vite's root; in development an entry is the path of a source file, not its name in build.rollupOptions.input",
    remedy: "Write the path relative to root, such as 'src/main.ts', or set the option root.",
    status: 500,
    expose: false,
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
