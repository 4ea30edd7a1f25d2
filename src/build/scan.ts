// Lists a directory's files, as cheaply as it can be done: no look at the single file.
import { accessSync, constants, type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { isMachineFailure } from './disk.js'

/** To list a directory and to reach what it lists are two permissions. */
export const REACHABLE = constants.R_OK | constants.X_OK

/**
 * Every file below `directory` that can be reached, relative to it, with `/`. A directory that is not there has none.
 *
 * @throws ConnectViteError `ERR_BUILD_NOT_FOUND` where it cannot be told what is there
 */
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

function entriesOf(directory: string): Dirent[] {
  try {
    accessSync(directory, REACHABLE)
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if (!isMachineFailure(error)) return []
    throw new ConnectViteError('ERR_BUILD_NOT_FOUND', {
      what: `The build directory cannot be read: ${(error as Error).message}.`,
      lookedIn: directory,
      remedy: 'Try again when the machine has recovered.',
      cause: error,
    })
  }
}
