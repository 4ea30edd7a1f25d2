// Work for idle moments: so many jobs at a time, the rest in line, and none that keeps the process alive.

export interface Queue {
  push(job: () => Promise<void>): void
  /** Forgets what has not begun; later jobs are ignored. */
  close(): void
}

/** Jobs handle their own errors: what one throws is dropped. */
export function createQueue(concurrency: number): Queue {
  const waiting: Array<() => Promise<void>> = []
  let running = 0
  let closed = false

  function run(): void {
    if (running >= concurrency) return
    const job = waiting.shift()
    if (job === undefined) return
    running++
    job()
      .catch(() => {})
      .finally(() => {
        running--
        later()
      })
  }

  // Between two jobs the loop may end if nothing else wants it, and requests get their turn.
  function later(): void {
    setImmediate(run).unref()
  }

  return {
    push(job) {
      if (closed) return
      waiting.push(job)
      later()
    },
    close() {
      closed = true
      waiting.length = 0
    },
  }
}
