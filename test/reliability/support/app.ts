// Starts the app of `app-process.ts` over a build directory, and ends it with the test.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { ConnectViteOptions } from '../../../src/index.js'

export interface App {
  readonly port: number
  /** What it printed so far. */
  output(): string
  isAlive(): boolean
  /** Descriptors of files below `directory` that it has open. */
  openFiles(directory: string): Promise<string[]>
  /** Asks it to end, as a process manager does. */
  terminate(): void
  /** Its exit code, or the signal that it died of. */
  readonly ended: Promise<number | string>
}

export interface Circumstances {
  /** How many files and connections it may have open. */
  readonly descriptors?: number
  /** Whether permissions count for it: they do not for the user that tests in a container often run as. */
  readonly unprivileged?: boolean
  /** Whether idle connections stay until their clients end them; Node's own patience is five seconds. */
  readonly keepsConnections?: boolean
}

/** "nobody", nearly everywhere. */
const NOBODY = '65534'

/** Starts a script of this folder that sends its port when it listens. */
export async function startProcess(
  script: string,
  args: readonly string[],
  { descriptors, unprivileged = false, keepsConnections = false }: Circumstances = {},
): Promise<App> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const execArgv = ['--import', import.meta.resolve('tsx'), '--expose-gc']
  const limited = ['-c', `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath]
  const child = fork(path, args, {
    silent: true,
    env: {
      ...process.env,
      ...(unprivileged && process.getuid?.() === 0 && { APP_USER: NOBODY }),
      ...(keepsConnections && { APP_KEEPS_CONNECTIONS: '1' }),
    },
    ...(descriptors === undefined
      ? { execArgv }
      : { execPath: '/bin/sh', execArgv: [...limited, ...execArgv] }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const port = await Promise.race([once(child, 'message').then(([message]) => message), ended])
  if (!child.connected) throw new Error(`The app did not start:\n${output}`)
  return {
    port,
    output: () => output,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    openFiles: (directory) => openFiles(child, directory),
    terminate: () => void child.kill('SIGTERM'),
    ended,
  }
}

export function startApp(options: ConnectViteOptions, circumstances?: Circumstances): Promise<App> {
  const given = JSON.stringify({ mode: 'production', ...options })
  return startProcess('app-process.ts', [given], circumstances)
}

async function openFiles({ pid }: ChildProcess, directory: string): Promise<string[]> {
  const descriptors = `/proc/${pid}/fd`
  const targets = (await readdir(descriptors)).map((name) =>
    readlink(`${descriptors}/${name}`).catch(() => ''),
  )
  return (await Promise.all(targets)).filter((target) => target.startsWith(directory))
}
