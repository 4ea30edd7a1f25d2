// One nginx in the foreground, for tests that put it in front of an app.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** Nothing is installed for a test: where there is no nginx, there is no test of it. */
export const hasNginx = spawnSync('nginx', ['-v']).status === 0

/** What it needs to be told to keep to a directory, in which its `nginx.conf` lies. */
export const keepingTo = (dir: string) => [
  '-p',
  dir,
  '-e',
  join(dir, 'error.log'),
  '-c',
  'nginx.conf',
]

/** Starts the `nginx.conf` of a directory, whose server listens on `nginx.sock` there, and returns that socket's path. */
export async function runNginx(dir: string): Promise<string> {
  const child = spawn('nginx', keepingTo(dir))
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const socket = join(dir, 'nginx.sock')
  const isSettled = async () => child.exitCode !== null || (await accepts(socket))
  await expect.poll(isSettled, { timeout: 30_000 }).toBe(true)
  if (child.exitCode !== null) throw new Error(`nginx did not start:\n${complaints}`)
  return socket
}

/** The file of a socket is there a moment before anybody listens on it. */
function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
