// page(), ssr() and fetchable() as handlers of every framework.
import { createServer, type RequestListener } from 'node:http'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Handler, Request, Response } from '../../src/http.js'
import { build, develop, type Site, serve } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    export const render = (url: string) => { if (url === '/throw') throw new Error('boom'); return 'rendered ' + url }
    export default { fetch: (request: Request) => new Response('fetched ' + new URL(request.url).pathname) }
  `,
}

type Mount = (path: string, handler: Handler) => void

const frameworks: [string, (routes: (mount: Mount) => void) => RequestListener][] = [
  ['Express 5', expressApp(express)],
  ['Express 4', expressApp(express4 as unknown as typeof express)],
  [
    'Connect',
    (routes) => {
      const app = connect()
      routes((path, handler) => void app.use(path, handler as connect.NextHandleFunction))
      app.use(((_req: unknown, res: Response) => void res.end('app 404')) as never)
      app.use(
        ((_err: unknown, _req: unknown, res: Response, _next: unknown) =>
          void res.end('app error page')) as never,
      )
      return app as unknown as RequestListener
    },
  ],
  [
    'bare http',
    (routes) => {
      const table: [string, Handler][] = []
      routes((path, handler) => void table.push([path, handler]))
      return (req, res) => {
        const found = table.find(([path]) => req.url?.startsWith(path))
        const answer = (err?: unknown) => void res.end(err ? 'app error page' : 'app 404')
        if (found) found[1](req as Request, res as Response, answer)
        else answer()
      }
    },
  ],
]

function expressApp(create: typeof express): (typeof frameworks)[number][1] {
  return (routes) => {
    const app = create()
    routes((path, handler) => app.use(path, handler as never))
    app.use((_req, res) => void res.end('app 404'))
    app.use((_err: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.end('app error page')
    })
    return app
  }
}

const modes: [string, () => Promise<Site>][] = [
  ['development', () => develop('Vite 8', files)],
  ['production', () => build(files, { entry })],
]

describe.each(modes)('in %s', (_mode, start) => {
  let site: Site
  beforeAll(async () => {
    site = await start()
  })
  afterAll(() => site?.close())

  it.each(frameworks)('%s runs all three handlers', async (_framework, create) => {
    const http = await serve(
      create((mount) => {
        mount('/fetch', site.ssr.fetchable(entry))
        mount('/page', site.ssr.page())
        mount('/', site.ssr.ssr(entry))
      }),
    )
    const text = async (path: string, init?: RequestInit) =>
      (await fetch(http.url + path, init)).text()
    expect(await text('/fetch/x?y')).toBe('fetched /fetch/x')
    expect(await text('/page/x')).toContain('<title>fixture</title>')
    expect(await text('/ssr/x?y')).toContain('rendered /ssr/x?y')
    expect(await text('/ssr', { method: 'POST' })).toBe('app 404')
    expect(await text('/throw')).toBe('app error page')
    await http.close()
  })
})

describe('an HTTP server of the app', () => {
  it('can be given a handler without a framework', async () => {
    const site = await build(files, { entry })
    const page = site.ssr.page()
    const server = createServer((req, res) => page(req, res, () => res.end('next')))
    const http = await serve((req, res) => server.emit('request', req, res))
    expect(await (await fetch(`${http.url}/missing.js`)).text()).toBe('next')
    expect(await (await fetch(http.url)).text()).toContain('fixture')
    await http.close()
    await site.close()
  })
})
