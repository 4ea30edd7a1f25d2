// A small environment of one's own: server code in a worker thread, requests as messages.
import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { DevEnvironment, HotChannel, ResolvedConfig } from 'vite'

type Vite = typeof import('vite')

/** What crosses the border between the threads. */
interface Reply {
  id: string
  status: number
  headers: [string, string][]
  body: string
}

/**
 * `dispatchFetch()` is all that `fetchable()` asks for, so an environment of any kind can have it.
 *
 * @param moduleRunner what the thread imports, `vite/module-runner`
 */
export function createWorkerEnvironment(
  { DevEnvironment }: Vite,
  { entry, moduleRunner }: { entry: string; moduleRunner: string },
) {
  return function createEnvironment(name: string, config: ResolvedConfig): DevEnvironment {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: { moduleRunner },
    })

    class WorkerEnvironment extends DevEnvironment {
      #running: Promise<void> | undefined
      #replies = new Map<string, (reply: Reply) => void>()

      async dispatchFetch(request: Request): Promise<Response> {
        this.#running ??= this.#run()
        await this.#running
        const id = randomUUID()
        const { method, url } = request
        const body = request.body ? await request.text() : undefined
        const reply = await new Promise<Reply>((resolve) => {
          this.#replies.set(id, resolve)
          this.hot.send('request', { id, method, url, headers: [...request.headers], body })
        })
        return new Response(reply.body, reply)
      }

      async #run(): Promise<void> {
        this.hot.on('response', (reply: Reply) => {
          this.#replies.get(reply.id)?.(reply)
          this.#replies.delete(reply.id)
        })
        const ran = new Promise<void>((resolve, reject) => {
          worker.on('message', (message: { ran?: boolean; error?: Error }) => {
            if (message.ran === true) resolve()
            if (message.ran === false) reject(message.error)
          })
        })
        worker.postMessage({ run: entry })
        await ran
      }

      override async close(): Promise<void> {
        await super.close()
        await worker.terminate()
      }
    }

    return new WorkerEnvironment(name, config, { hot: true, transport: channelOf(worker) })
  }
}

/** Vite's hot channel over the messages of a worker. */
function channelOf(worker: Worker): HotChannel {
  const listeners = new WeakMap<object, (message: { event?: string; data?: unknown }) => void>()
  const client = { send: (payload: unknown) => worker.postMessage(payload) }
  return {
    send: (payload) => worker.postMessage(payload),
    on(event: string, listener: (data: unknown, sender: typeof client) => void) {
      const onMessage = (message: { event?: string; data?: unknown }) => {
        if (message.event === event) listener(message.data, client)
      }
      listeners.set(listener, onMessage)
      worker.on('message', onMessage)
    },
    off(_event: string, listener: object) {
      const onMessage = listeners.get(listener)
      if (onMessage) worker.off('message', onMessage)
    },
  } as HotChannel
}
