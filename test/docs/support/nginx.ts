// Takes an nginx configuration of a page, moved into a temporary directory: checks it, or runs it.
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../../support/directory.js'
import { keepingTo, runNginx } from '../../support/nginx.js'

/** Writes it as one process's whole configuration; its server listens on a socket in the directory. */
async function place(server: string): Promise<string> {
  const dir = temporaryDirectory()
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

/** What nginx has against it. */
export async function complaints(server: string): Promise<string> {
  const dir = await place(server)
  const { status, stderr } = spawnSync('nginx', ['-t', ...keepingTo(dir)], { encoding: 'utf8' })
  return status === 0 ? '' : stderr
}

/** Starts it, and returns the path of its socket. */
export const startNginx = async (server: string) => runNginx(await place(server))
