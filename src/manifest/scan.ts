// Lists a directory's files, as cheaply as it can be done: no look at the single file.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Every file below `directory`, relative to it, with `/`. A directory that is not there has none. */
export function listFiles(directory: string): Set<string> {
  const files = new Set<string>()
  const queue = ['']
  // The queue grows while it is walked through. Links are not followed, so it ends.
  for (const inner of queue) {
    for (const item of entriesOf(join(directory, inner))) {
      const path = inner === '' ? item.name : `${inner}/${item.name}`
      if (item.isDirectory()) queue.push(path)
      else if (item.isFile()) files.add(path)
    }
  }
  return files
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
