// Access to the embedded Vite, across its restarts.
import { setInterval as every } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'
import type { ViteAccess } from '../../vite-types.js'

/** The Vite inside this process, as it runs now; `undefined` with an external one. */
export async function runningVite(dev: ViteAccess): Promise<ViteDevServer | undefined> {
  if (!dev.started || !dev.vite) await dev.start()
  return dev.vite
}

/** Milliseconds between two checks for a restart. */
const LOOK_AGAIN = 25
/** Milliseconds that a Vite which has closed may take to come back. */
const PATIENCE = 5_000
/** Messages of Vite and its module runner for work that was going on when they closed. */
const CLOSED = /being restarted or closed|runner has been closed|transport was disconnected/

/**
 * Asks Vite, and once more if it restarts meanwhile (a changed `vite.config`): what was asked before is then
 * refused, or never answered.
 */
export async function despiteRestarts<T>(vite: ViteDevServer, ask: () => Promise<T>): Promise<T> {
  const { config } = vite
  const hasRestarted = () => vite.config !== config
  const settled = new AbortController()
  try {
    return await Promise.race([ask(), restart(hasRestarted, settled.signal)])
  } catch (error) {
    const closed = !hasRestarted() && CLOSED.test(String(error))
    if (closed) await restart(hasRestarted, AbortSignal.timeout(PATIENCE)).catch(() => {})
    if (!hasRestarted()) throw error
    return despiteRestarts(vite, ask)
  } finally {
    settled.abort()
  }
}

/** Rejects when Vite has restarted, or `signal` aborts. Vite has no event for a restart. */
async function restart(hasRestarted: () => boolean, signal: AbortSignal): Promise<never> {
  for await (const _ of every(LOOK_AGAIN, undefined, { signal, ref: false })) {
    if (hasRestarted()) break
  }
  throw new Error('Vite has restarted.')
}
