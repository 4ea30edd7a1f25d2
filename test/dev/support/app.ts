// Servers of every shape around one middleware, and raw requests to them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http, { type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import type { Handler, Next, Request, Response } from '../../../src/http.js'

export interface RunningApp {
  server: Server
  origin: string
  port: number
  close(): Promise<void>
}

/** How an app is put together around the middleware; `mount` is where, in those that can. */
export const shapes = {
  'Express 5': (handler: Handler, fallback: Handler, mount = '/') =>
    express().use(mount, handler).use(fallback) as RequestListener,
  'Express 4': (handler: Handler, fallback: Handler, mount = '/') =>
    express4().use(mount, handler).use(fallback) as RequestListener,
  Connect: (handler: Handler, fallback: Handler, mount = '/') => {
    const app = connect()
    app.use(mount, handler as connect.NextHandleFunction)
    return app.use(fallback as connect.NextHandleFunction) as RequestListener
  },
  'bare http': (handler: Handler, fallback: Handler) =>
    ((req: Request, res: Response) =>
      handler(req, res, (err) => {
        if (err) res.writeHead(500).end(String((err as Error).message))
        else fallback(req, res, () => {})
      })) as RequestListener,
}

export type Shape = keyof typeof shapes
export const shapeNames = Object.keys(shapes) as Shape[]

/** What the app says about a request that reached it. */
export const echo: Handler = (req, res) => {
  res.statusCode = 404
  res.setHeader('X-App-Url', req.url ?? '')
  res.setHeader('X-App-Original', String('originalUrl' in req ? req.originalUrl : 'none'))
  res.end(`app: ${req.method}`)
}

export function listen(listener: RequestListener): Promise<RunningApp> {
  return run(http.createServer(listener), 'http')
}

export function listenTls(listener: RequestListener, kind: 'https' | 'http2'): Promise<RunningApp> {
  const keys = certificate()
  const server =
    kind === 'https'
      ? https.createServer(keys, listener)
      : http2.createSecureServer({ ...keys, allowHTTP1: true }, listener as never)
  return run(server as Server, 'https')
}

async function run(server: Server, scheme: string): Promise<RunningApp> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections?.()
      }),
  }
}

/** Starts on demand and then handles, as development mode does. */
export function starting(dev: {
  started: boolean
  start(): Promise<void>
  handle: Handler
}): Handler {
  return (req, res, next: Next) => {
    if (dev.started) dev.handle(req, res, next)
    else dev.start().then(() => dev.handle(req, res, next), next)
  }
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request whose target and headers go out exactly as they are given. */
export function ask(
  app: RunningApp,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = app.origin.startsWith('https') ? https : http
    const options = { host: '127.0.0.1', port: app.port, path, method, headers, agent: false }
    client
      .request({ ...options, rejectUnauthorized: false }, (res) => {
        let body = ''
        res.setEncoding('utf8')
        res.on('data', (chunk) => {
          body += chunk
        })
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }))
        res.on('error', reject)
      })
      .on('error', reject)
      .end()
  })
}

export function certificate(): { key: Buffer; cert: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), 'connect-vite-tls-'))
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
  ]
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const keys = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(dir, { recursive: true })
  return keys
}
