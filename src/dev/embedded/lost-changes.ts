// Changes that Vite's watcher drops: a second one within 50 milliseconds after the first.
import { statSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Milliseconds. chokidar emits one change of a file in 50. */
const AFTER = 60

/** Without it the version in between stays in use until the file is saved once more. */
export function lostChangesPlugin(): Plugin {
  return {
    name: 'connect-vite:lost-changes',
    apply: 'serve',
    configureServer({ watcher }) {
      watcher.on('change', (file) => {
        const seen = modifiedAt(file)
        const look = () => {
          const now = modifiedAt(file)
          if (now !== undefined && now !== seen) watcher.emit('change', file)
        }
        setTimeout(look, AFTER).unref()
      })
    },
  }
}

function modifiedAt(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs
}
