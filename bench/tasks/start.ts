// A measured process: creates the middleware once, as an app does when it starts.
import { load } from '../package.js'
import { answer, cpuTime, job } from '../worker.js'

export interface StartJob {
  readonly dist: string
  readonly outDir: string
}

export interface Started {
  /** Milliseconds by the clock. */
  readonly elapsed: number
  /** Milliseconds of processor time. */
  readonly cpu: number
  readonly files: number
}

const { dist, outDir } = job<StartJob>()
const { connectVite } = await load(dist)

answer({
  start(): Started {
    const before = cpuTime()
    const start = performance.now()
    const vite = connectVite({ mode: 'production', outDir, logger: SILENT })
    const elapsed = performance.now() - start
    const cpu = (cpuTime() - before) / 1000
    const { files } = vite.info()
    return { elapsed, cpu, files }
  },
})

/** An empty manifest is worth a warning, but not here. */
const SILENT = { info() {}, warn() {}, error() {} }
