// What an error of the disk means to whoever lists a directory, in every room.

/** No descriptor left, no memory, a disk or network volume that fails. */
const FAILURES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])

/**
 * Whether it is the machine that fails. Then nobody can tell what is there, and what was listed so far must not be taken
 * for all; anything else (not there, a link to nowhere, not for this user) is about the one thing that was looked at.
 */
export function isMachineFailure(error: unknown): boolean {
  return FAILURES.has((error as NodeJS.ErrnoException).code ?? '')
}
