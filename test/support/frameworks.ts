// One tiny app per framework, so that a behaviour is written once and seen in all of them.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import type { Request, Response } from '../../src/http.js'
import type { Handle } from '../../src/index.js'

/** What the app's page prints: whatever the test makes of the locals. */
export type Page = (req: Request, res: Response) => string

export interface Framework {
  name: string
  /** An app with the middleware at `mount`, one page at `{mount}/page`, and a 404 that says "app 404". */
  app(vite: Handle, page: Page, mount?: string): RequestListener
}

const under = (mount: string, path: string) => (mount === '/' ? path : mount + path)

function expressApp(create: typeof express): Framework['app'] {
  return (vite, page, mount = '/') => {
    const app = create()
    app.use(mount, vite)
    app.get(under(mount, '/page'), (req, res) => {
      res.type('html').send(page(req as unknown as Request, res as unknown as Response))
    })
    app.use((_req, res) => {
      res.status(404).send('app 404')
    })
    return app
  }
}

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', app: expressApp(express) },
  { name: 'Express 4', app: expressApp(express4 as unknown as typeof express) },
  {
    name: 'Connect',
    app(vite, page, mount = '/') {
      const app = connect()
      app.use(mount, vite as unknown as connect.NextHandleFunction)
      app.use(under(mount, '/page'), (req, res) => {
        res.setHeader('content-type', 'text/html')
        res.end(page(req as Request, res as Response))
      })
      app.use((_req: unknown, res: Response) => {
        res.statusCode = 404
        res.end('app 404')
      })
      return app as unknown as RequestListener
    },
  },
  {
    name: 'bare http',
    // No router to take a mount path off: the middleware sees the whole target, as an app behind a proxy does.
    app:
      (vite, page, mount = '/') =>
      (request, response) => {
        const req = request as Request
        const res = response as Response
        vite(req, res, (err) => {
          if (err) {
            res.statusCode = (err as { status?: number }).status ?? 500
            res.end(String((err as Error).message))
          } else if (req.url?.split('?')[0] === under(mount, '/page')) {
            try {
              const html = page(req, res)
              res.setHeader('content-type', 'text/html')
              res.end(html)
            } catch (thrown) {
              res.statusCode = 500
              res.end(String((thrown as Error).message))
            }
          } else {
            res.statusCode = 404
            res.end('app 404')
          }
        })
      },
  },
]

/** Listens on a free port of the loopback; `close` ends every connection. */
export async function listen(
  listener: RequestListener,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
