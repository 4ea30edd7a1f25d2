// Questions of our own to an external Vite: an answer to read, and whether the server of a hot file runs.
import { type HotFile, hotUrl } from '../hot-file.js'
import { createUpstream, type Upstream } from './upstream.js'

export interface Answer {
  status: number
  contentType: string
  body: string
}

export interface Question {
  path: string
  /** `Host` of the dev server itself, which it always allows. */
  host: string
  accept: string
  /** Milliseconds for the whole answer. */
  timeout: number
  /** Characters of the body that are kept. The rest is not waited for. */
  limit?: number
}

/** Rejects when there is no answer in time. */
export function ask(upstream: Upstream, question: Question): Promise<Answer> {
  const { path, host, accept, timeout, limit = 0 } = question
  return new Promise((resolve, reject) => {
    const outgoing = upstream.request({
      path,
      headers: ['Host', host, 'Accept', accept],
      fresh: true,
    })
    const timer = setTimeout(
      () => outgoing.destroy(new Error('no answer in time')),
      timeout,
    ).unref()
    outgoing.once('close', () => clearTimeout(timer))
    outgoing.on('error', reject)
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new Error('it switched protocols without being asked to'))
    })
    outgoing.on('response', (incoming) => {
      let body = ''
      const done = () => {
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          body: body.slice(0, limit),
        })
        outgoing.destroy()
      }
      incoming.setEncoding('utf8').on('error', reject).on('end', done)
      incoming.on('data', (chunk: string) => {
        body += chunk
        if (body.length > limit) done()
      })
    })
    outgoing.end()
  })
}

/** Milliseconds. */
const PING_TIMEOUT = 1_000

/** The question of Vite's own client while it waits for a server to come back. Vite answers it with 204. */
const PING = 'text/x-vite-ping'

/** Whether the `vite` that wrote the file still runs, and not another one that has taken its port since. */
export async function isRunning(hot: HotFile): Promise<boolean> {
  return isProcess(hot.pid) && (await isAlive(hotUrl(hot)))
}

/** A process of another user may not be signalled, but it runs. */
function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Asks once. Another program on the same port does not know the ping.
 *
 * @param url the dev server with its base: outside of the base Vite does not answer
 */
export async function isAlive(url: URL): Promise<boolean> {
  const upstream = createUpstream(url)
  try {
    const question = { path: url.pathname, host: url.host, accept: PING, timeout: PING_TIMEOUT }
    return (await ask(upstream, question)).status === 204
  } catch {
    return false
  } finally {
    upstream.close()
  }
}
