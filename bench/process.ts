// Processes of their own for what is measured: pinned to one core, asked over IPC, ended with the benchmark.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A core for what is measured, and another one for the load on it. */
export interface Cores {
  readonly measured: string
  readonly load: string
}

/** Two cores that this process may use; `undefined` where `taskset` or a second core is missing. */
export function findCores(): Cores | undefined {
  try {
    const [, list = ''] = run('taskset', '-cp', String(process.pid)).split(': ')
    const numbers = list.match(/\d+/g) ?? []
    const [measured, load] = [numbers[0], numbers.at(-1)]
    return measured && load && measured !== load ? { measured, load } : undefined
  } catch {
    return undefined
  }
}

/** Binds this process, with all of its threads, to the core of the load. */
export function stayOn({ load }: Cores): void {
  run('taskset', '-acp', load, String(process.pid))
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** A process that answers questions. */
export interface Worker {
  readonly pid: number
  /** @throws Error when the process fails or ends before it has answered */
  ask<Answer>(question: string): Promise<Answer>
  close(): Promise<void>
}

/** What {@link answer} in `worker.ts` sends back. */
export interface Reply {
  readonly answer?: unknown
  readonly error?: string
}

/** How the processes of a run are started. */
export interface Launcher {
  /**
   * @param script of those that `compileScripts()` has written
   * @param job what it is told to do
   */
  start(script: string, job: unknown, options?: LaunchOptions): Worker
}

export interface LaunchOptions {
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Of Node and V8. */
  readonly flags?: readonly string[]
}

/** @param scripts the directory that `compileScripts()` has written */
export function createLauncher(scripts: string, cores: Cores | undefined): Launcher {
  return {
    start(script, job, { env, flags = [] } = {}) {
      const node = [process.execPath, ...flags, join(scripts, script), JSON.stringify(job)]
      const [command = '', ...args] = cores ? ['taskset', '-c', cores.measured, ...node] : node
      return workerOf(
        spawn(command, args, {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          env: { ...process.env, NODE_ENV: 'production', ...env },
        }),
        script,
      )
    },
  }
}

function workerOf(child: ChildProcess, script: string): Worker {
  const ended = once(child, 'exit')
  const failed = ended.then(([code, signal]) => {
    throw new Error(`${script} ended too early: ${code ?? signal}`)
  })
  failed.catch(() => {}) // heard by whoever waits for an answer

  async function ask<Answer>(question: string): Promise<Answer> {
    const replied = once(child, 'message')
    child.send(question)
    const [{ answer, error }] = (await Promise.race([replied, failed])) as [Reply]
    if (error !== undefined) throw new Error(`${script}, asked for ${question}: ${error}`)
    return answer as Answer
  }

  return {
    pid: child.pid ?? 0,
    ask,
    async close() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
    },
  }
}
