// The other end of process.ts: how a measured process gets its job and answers questions.
import os from 'node:os'
import type { Reply } from './process.js'

/** What the process was told to do. */
export function job<Job>(): Job {
  return JSON.parse(process.argv[2] ?? 'null') as Job
}

/** Answers each question with what its function returns. The process ends with the benchmark. */
export function answer(answers: Record<string, () => unknown>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (question) => {
    const reply: Reply = await Promise.resolve()
      .then(() => answers[String(question)]?.())
      .then(
        (answer) => ({ answer }),
        (error: Error) => ({ error: error.stack ?? String(error) }),
      )
    process.send?.(reply)
  })
}

/** Microseconds of processor time that this process has used, and bytes that it holds. */
export interface Usage {
  readonly cpu: number
  readonly resident: number
}

export function usage(): Usage {
  return { cpu: cpuTime(), resident: process.memoryUsage.rss() }
}

/** Microseconds that this process has used. The clock would count what other processes do meanwhile. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Microseconds that all processes have used, on all cores. */
export function machineTime(): number {
  const times = os.cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq)
  return times.reduce((sum, time) => sum + time, 0) * 1000
}
