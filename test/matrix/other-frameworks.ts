// Frameworks that are no Connect themselves: how each takes the middleware, has a page, and a 404 that says "app 404".
import 'reflect-metadata'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import middie from '@fastify/middie'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type ArgumentsHost, Controller, Get, Module, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import fastify from 'fastify'
import { H3, toNodeHandler } from 'h3'
import { Hono } from 'hono'
import Koa from 'koa'
import koaConnect from 'koa-connect'
import polka from 'polka'
import type { Handle } from '../../src/index.js'
import type { Page } from '../support/frameworks.js'

export interface OtherFramework {
  readonly name: string
  readonly package: string
  create(vite: Handle, page: Page): Promise<RequestListener> | RequestListener
}

const HTML = 'text/html; charset=utf-8'
const NOT_FOUND = 'app 404'

/** `page` reads the functions of `res.locals`. Where the framework's router has none, `vite.locals()` gives them. */
function render(vite: Handle, page: Page, req: IncomingMessage, res: ServerResponse): string {
  const locals = vite.locals(req as never, res as never)
  return page(req as never, Object.assign(Object.create(res), { locals }) as never)
}

export const otherFrameworks: readonly OtherFramework[] = [
  {
    name: 'Koa',
    package: 'koa',
    create(vite, page) {
      const app = new Koa()
      app.use(koaConnect(vite as never))
      app.use((ctx) => {
        if (ctx.path === '/page' && ctx.method === 'GET') {
          ctx.type = HTML
          ctx.body = page(ctx.req as never, ctx.res as never)
        } else {
          ctx.status = 404
          ctx.body = NOT_FOUND
        }
      })
      return app.callback() as RequestListener
    },
  },
  {
    name: 'Fastify',
    package: 'fastify',
    async create(vite, page) {
      const app = fastify()
      await app.register(middie)
      app.use(vite as never)
      app.get('/page', (request, reply) =>
        reply.type(HTML).send(page(request.raw as never, reply.raw as never)),
      )
      app.setNotFoundHandler((_request, reply) => reply.code(404).send(NOT_FOUND))
      await app.ready()
      return (req, res) => app.routing(req, res)
    },
  },
  {
    name: 'Polka',
    package: 'polka',
    create(vite, page) {
      const app = polka({ onNoMatch: (_req, res) => void res.writeHead(404).end(NOT_FOUND) })
      app.use(vite as never)
      app.get('/page', (req, res) => {
        res.setHeader('Content-Type', HTML)
        res.end(page(req as never, res as never))
      })
      return app.handler as unknown as RequestListener
    },
  },
  {
    name: 'h3',
    package: 'h3',
    create(vite, page) {
      const app = new H3()
      app.get('/page', (event) => {
        const { req, res } = event.runtime!.node as { req: IncomingMessage; res: ServerResponse }
        event.res.headers.set('Content-Type', HTML)
        return render(vite, page, req, res)
      })
      app.all('/**', (event) => {
        event.res.status = 404
        return NOT_FOUND
      })
      return vite.wrap(toNodeHandler(app) as RequestListener)
    },
  },
  {
    name: 'Hono',
    package: 'hono',
    create(vite, page) {
      const app = new Hono<{ Bindings: HttpBindings }>()
      app.get('/page', ({ env, html }) =>
        html(render(vite, page, env.incoming, env.outgoing as ServerResponse)),
      )
      app.notFound(({ text }) => text(NOT_FOUND, 404))
      return vite.wrap(getRequestListener(app.fetch as never) as RequestListener)
    },
  },
  {
    name: 'NestJS',
    package: '@nestjs/core',
    async create(vite, page) {
      const app = await NestFactory.create(nestModule(page), { logger: false })
      app.use(vite)
      app.useGlobalFilters({
        catch: (_error: unknown, host: ArgumentsHost) =>
          host.switchToHttp().getResponse<ServerResponse>().writeHead(404).end(NOT_FOUND),
      })
      await app.init()
      return app.getHttpAdapter().getInstance() as RequestListener
    },
  },
]

/** The decorators as calls: the sources of the tests are run without a compiler that knows them. */
function nestModule(page: Page) {
  class PageController {
    show(req: IncomingMessage, res: ServerResponse) {
      res.setHeader('Content-Type', HTML)
      res.end(page(req as never, res as never))
    }
  }
  const { prototype } = PageController
  Get('page')(prototype, 'show', Object.getOwnPropertyDescriptor(prototype, 'show') as never)
  Req()(prototype, 'show', 0)
  Res()(prototype, 'show', 1)
  Controller()(PageController)
  class AppModule {}
  Module({ controllers: [PageController] })(AppModule)
  return AppModule
}
