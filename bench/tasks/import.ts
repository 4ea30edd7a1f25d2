// A measured process: imports the package, and tells how long that took and what was loaded.
import { register } from 'node:module'
import { MessageChannel } from 'node:worker_threads'
import { load } from '../package.js'
import { answer, cpuTime, job } from '../worker.js'

export interface ImportJob {
  readonly dist: string
  /** Hooks tell of every module, and would take their time too. */
  readonly list: boolean
}

export interface Imported {
  /** Milliseconds by the clock. */
  readonly elapsed: number
  /** Milliseconds of processor time. */
  readonly cpu: number
  /** URLs. */
  readonly loaded: readonly string[]
}

const { dist, list } = job<ImportJob>()
const loaded: string[] = []
if (list) listen()

const start = performance.now()
const before = cpuTime()
const { connectVite } = await load(dist)
const cpu = (cpuTime() - before) / 1000
const elapsed = performance.now() - start
connectVite({ mode: 'stub' })

answer({ imported: (): Imported => ({ elapsed, cpu, loaded }) })

function listen(): void {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (url: string) => loaded.push(url)).unref()
  register('./import-hooks.js', {
    parentURL: import.meta.url,
    data: { port: port2 },
    transferList: [port2],
  })
}
