// A Vite on a port of its own, in a process of its own: one that can be killed as an out-of-memory killer does it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ask, eventually } from './ask.js'

export interface ViteProcess {
  readonly port: number
  readonly url: string
  /** Ends it without a chance to say goodbye. */
  kill(): Promise<void>
  /** Starts it anew, on the same port. */
  restart(): Promise<void>
}

/** Runs `vite` over a project that has the packages linked. */
export async function startVite(root: string): Promise<ViteProcess> {
  const port = await freePort()
  let child = await run()
  onTestFinished(kill)

  async function run(): Promise<ChildProcess> {
    const bin = join(root, 'node_modules/vite/bin/vite.js')
    const args = [bin, '--host', '127.0.0.1', '--port', String(port), '--strictPort']
    const started = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'ignore',
      env: withoutMode(),
    })
    await eventually(
      () => ask('/@vite/client', { port }).catch(() => undefined),
      (reply) => {
        if (started.exitCode !== null) throw new Error(`vite ended with ${started.exitCode}`)
        return reply?.status === 200
      },
    )
    return started
  }

  async function kill(): Promise<void> {
    if (child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill()
      child = await run()
    },
  }
}

/** What the test run sets for itself is not for a Vite of development. */
function withoutMode(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  return env
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
