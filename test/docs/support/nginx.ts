// Takes an nginx configuration of a page, moved into a temporary directory: checks it, or runs it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { patience } from './guide.js'

/** Nothing is installed for a test: where there is no nginx, there is no test of it. */
export const hasNginx = spawnSync('nginx', ['-v']).status === 0

/** Writes it as one process's whole configuration; its server listens on a socket in the directory. */
async function place(server: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'connect-vite-nginx-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'cache'))
  const moved = server
    .replaceAll('/var/cache/nginx', `${dir}/cache`)
    .replace(/listen 80;/g, `listen unix:${dir}/nginx.sock;`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${dir}/${kind};`)
    .join('\n')
  await writeFile(
    join(dir, 'nginx.conf'),
    `daemon off;\nmaster_process off;\npid ${dir}/nginx.pid;\nerror_log ${dir}/error.log;
events { worker_connections 64; }
http {\n  access_log off;\n${temporary}\n${moved}\n}\n`,
  )
  return dir
}

const command = (dir: string) => ['-p', dir, '-e', join(dir, 'error.log'), '-c', 'nginx.conf']

/** What nginx has against it. */
export async function complaints(server: string): Promise<string> {
  const dir = await place(server)
  const { status, stderr } = spawnSync('nginx', ['-t', ...command(dir)], { encoding: 'utf8' })
  return status === 0 ? '' : stderr
}

/** Starts it, and returns the path of its socket. */
export async function startNginx(server: string): Promise<string> {
  const dir = await place(server)
  const child = spawn('nginx', command(dir))
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const socket = join(dir, 'nginx.sock')
  const isThere = () => stat(socket).catch(() => child.exitCode !== null)
  await expect.poll(isThere, patience).toBeTruthy()
  if (child.exitCode !== null) throw new Error(`nginx did not start:\n${output}`)
  return socket
}
