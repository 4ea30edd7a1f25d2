// The Vite of development, as far as pages and server modules go: inside this process, or elsewhere.
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
