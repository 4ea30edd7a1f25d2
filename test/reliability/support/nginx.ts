// nginx as most people put it in front of an app: a reverse proxy with a cache.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runNginx } from '../../support/nginx.js'
import { temporary } from './builds.js'

/** One process and a socket of its own: neither a user's rights nor a free port have to be found. */
function configuration(dir: string, port: number): string {
  return `
daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/temp;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  proxy_cache_path ${dir}/cache keys_zone=assets:1m use_temp_path=off;
  server {
    listen unix:${dir}/nginx.sock;
    location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_cache assets;
      add_header X-Cache $upstream_cache_status always;
    }
  }
}
`
}

/** Starts it in front of an app on `port`, and returns the path of its socket. */
export async function startNginx(port: number): Promise<string> {
  const dir = await temporary()
  await mkdir(join(dir, 'cache'))
  await writeFile(join(dir, 'nginx.conf'), configuration(dir, port))
  return runNginx(dir)
}
