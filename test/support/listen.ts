// Listening servers of the tests: HTTP, HTTPS and HTTP/2 on a free port of the loopback.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import http, { type RequestListener, type Server } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createDirectory } from './directory.js'

export type Protocol = 'http' | 'https' | 'http2'

export interface Listening {
  readonly server: Server
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Ends every connection. */
  close(): Promise<void>
}

/** Listens until `close()`. HTTP/2 is over TLS, and takes HTTP/1.1 as well. */
export async function listen(
  app: RequestListener | Server,
  protocol: Protocol = 'http',
): Promise<Listening> {
  const server = typeof app === 'function' ? serverOf(app, protocol) : app
  if (!server.listening) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
  }
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    url: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        // The handle itself is gone at the end of this turn of the event loop, after the immediates.
        server.close(() => setTimeout(resolve))
        server.closeAllConnections?.()
      }),
  }
}

/** The same, until the test ends. */
export async function listening(
  app: RequestListener | Server,
  protocol?: Protocol,
): Promise<Listening> {
  const running = await listen(app, protocol)
  onTestFinished(running.close)
  return running
}

function serverOf(app: RequestListener, protocol: Protocol): Server {
  if (protocol === 'http') return http.createServer(app)
  if (protocol === 'https') return https.createServer(certificate(), app)
  const options = { ...certificate(), allowHTTP1: true }
  return http2.createSecureServer(options, app as never) as unknown as Server
}

/** A key and a certificate for `localhost` that nothing trusts. */
export function certificate(): { key: Buffer; cert: Buffer } {
  const { path } = createDirectory()
  const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')]
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert]
  execFileSync('openssl', [...kind, ...names], { stdio: 'ignore' })
  const keys = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(path, { recursive: true })
  return keys
}
