// Whether a Vite answers at a URL. A hot file may have been left by a process that was killed.

import { type HotFile, hotUrl } from '../hot-file.js'
import { ask } from './ask.js'
import { createUpstream } from './upstream.js'

const TIMEOUT = 1_000

/** What Vite's own client asks while it waits for a server to come back, and Vite answers with 204. */
const PING = 'text/x-vite-ping'

/** Whether the `vite` that wrote the file still runs, and not another one that has taken its port since. */
export async function isRunning(hot: HotFile): Promise<boolean> {
  return isProcess(hot.pid) && (await isAlive(hotUrl(hot)))
}

/** One that belongs to somebody else may not be signalled, but it is there. */
function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Asks once. Another program that has taken the port in the meantime does not know the ping, so it does not pass.
 *
 * @param url the dev server with its base: outside of the base Vite does not answer
 */
export async function isAlive(url: URL): Promise<boolean> {
  const upstream = createUpstream(url)
  try {
    const question = { path: url.pathname, host: url.host, accept: PING, timeout: TIMEOUT }
    return (await ask(upstream, question)).status === 204
  } catch {
    return false
  } finally {
    upstream.close()
  }
}
