// The Vite of development, as far as pages and server modules go: inside this process, or elsewhere.
import { setInterval as every } from 'node:timers/promises'
import type { ViteDevServer } from 'vite'

/** The part of the dev server that is needed here. Everything is read anew each time. */
export interface SsrDevServer {
  start(): Promise<void>
  /** Whether there is nothing to start: false again after a restart of Vite. */
  readonly started: boolean
  /** The Vite inside this process, once started. */
  readonly vite: ViteDevServer | undefined
  /** The Vite elsewhere. */
  readonly url: string | undefined
  /** The HTML that a Vite elsewhere makes of one of its pages, by its path below the base. */
  readonly fetchHtml?: ((path: string) => Promise<string>) | undefined
}

/** The Vite inside this process, as it runs now; `undefined` when there is one elsewhere. */
export async function runningVite(dev: SsrDevServer): Promise<ViteDevServer | undefined> {
  if (!dev.started || !dev.vite) await dev.start()
  return dev.vite
}

/** Milliseconds between two looks whether Vite has restarted. */
const LOOK_AGAIN = 25
/** Milliseconds that a Vite which has closed may take to come back. */
const PATIENCE = 5_000
/** What Vite and its module runner say of work that their end has overtaken. */
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

/** Rejects when Vite has restarted, or nobody waits for it any more. Vite itself tells nobody. */
async function restart(hasRestarted: () => boolean, signal: AbortSignal): Promise<never> {
  for await (const _ of every(LOOK_AGAIN, undefined, { signal, ref: false })) {
    if (hasRestarted()) break
  }
  throw new Error('Vite has restarted.')
}
