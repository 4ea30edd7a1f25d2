// Waiting for what happens in the background: for a condition, never for a length of time.
import { setTimeout as pause } from 'node:timers/promises'

/** Looks again until the value is as wanted, and returns it. A test that waits in vain ends by its own time limit. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isWanted: (value: T) => boolean = Boolean,
): Promise<T> {
  for (;;) {
    const value = await look()
    if (isWanted(value)) return value
    await pause(10)
  }
}
