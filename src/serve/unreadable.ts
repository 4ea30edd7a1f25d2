// The error of a file that is there and cannot be read.
import { ConnectViteError } from '../errors.js'

/** Probable causes by Node's error code. */
const CAUSES: Record<string, string | undefined> = {
  __proto__: undefined,
  EACCES: 'its owner or mode keeps it from the user that the app runs as',
  EPERM: 'its owner or mode keeps it from the user that the app runs as',
  EMFILE: 'the process has as many files and connections open as it may have',
  ENFILE: 'the machine has as many files open as it may have',
  EIO: 'the disk or the network volume fails',
}

const REMEDIES: Record<string, string | undefined> = {
  __proto__: undefined,
  EMFILE: 'Raise the limit (ulimit -n), or put a limit on connections (server.maxConnections).',
}

/** What passes by itself, when others have finished. */
const PASSING = new Set(['EMFILE', 'ENFILE'])

/**
 * @param file relative to the build directory
 * @param path where it lies
 */
export function unreadable(file: string, path: string, cause: unknown): ConnectViteError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return new ConnectViteError('ERR_ASSET_UNREADABLE', {
    what: `The built file ${file} cannot be read: ${message}.`,
    lookedIn: path,
    likelyCause: CAUSES[code],
    remedy: REMEDIES[code],
    cause,
    temporary: PASSING.has(code),
  })
}
