// The one table of frameworks: how each builds an app from handlers. A new framework is a new row.
import type { RequestListener } from 'node:http'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import type { Handler, Request, Response } from '../../src/http.js'

/** A handler for every path at or below `path`, and of every method. */
export type Route = readonly [path: string, handler: Handler]

/** Answers a request that ended in an error. */
export type OnError = (error: unknown, req: Request, res: Response) => void

/** What the app's page prints, from what the middleware put on the response. */
export type Page = (req: Request, res: Response) => string

export type FrameworkName = 'Express 5' | 'Express 4' | 'Connect' | 'bare http'

export interface Framework {
  readonly name: FrameworkName
  /** The package's name here, where it is one. */
  readonly package?: string
  /** Whether its router takes a mount path off `req.url`. Without a router the middleware sees the whole target. */
  readonly mounts: boolean
  create(routes: readonly Route[], onError?: OnError): RequestListener
}

const express5: Framework['create'] = (routes, onError) => expressApp(express(), routes, onError)

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', package: 'express', mounts: true, create: express5 },
  {
    name: 'Express 4',
    package: 'express4',
    mounts: true,
    create: (routes, onError) => expressApp(express4() as never, routes, onError),
  },
  {
    name: 'Connect',
    package: 'connect',
    mounts: true,
    create(routes, onError) {
      const app = connect()
      for (const [path, handler] of routes) app.use(path, handler as connect.NextHandleFunction)
      if (onError) app.use(errorHandler(onError) as connect.ErrorHandleFunction)
      return app as unknown as RequestListener
    },
  },
  { name: 'bare http', mounts: false, create: (routes, onError) => bareApp(routes, onError) },
]

export const byName = Object.fromEntries(frameworks.map((one) => [one.name, one])) as Record<
  FrameworkName,
  Framework
>

function expressApp(
  app: express.Express,
  routes: readonly Route[],
  onError?: OnError,
): RequestListener {
  for (const [path, handler] of routes) app.use(path, handler as never)
  if (onError) app.use(errorHandler(onError) as never)
  return app as RequestListener
}

/** Four parameters make it an error handler, for Express and for Connect. */
function errorHandler(onError: OnError) {
  return (error: unknown, req: Request, res: Response, _next: unknown) => onError(error, req, res)
}

function bareApp(
  routes: readonly Route[],
  onError: OnError = (error, _req, res) => {
    res.statusCode = (error as { status?: number }).status ?? 500
    res.end(String((error as Error).message))
  },
): RequestListener {
  return (request, response) => {
    const req = request as Request
    const res = response as Response
    const run = (index: number) => (error?: unknown) => {
      const [path, handler] = routes[index] ?? []
      if (error) onError(error, req, res)
      else if (!handler || path === undefined) res.writeHead(404).end()
      else if (!isBelow(req.url ?? '/', path)) run(index + 1)()
      else {
        try {
          handler(req, res, run(index + 1))
        } catch (thrown) {
          onError(thrown, req, res)
        }
      }
    }
    run(0)()
  }
}

function isBelow(url: string, path: string): boolean {
  return path === '/' || (url.startsWith(path) && /^(?:[/?]|$)/.test(url.slice(path.length)))
}

export const below = (mount: string, path: string) => (mount === '/' ? path : mount + path)

/** Where the middleware itself goes: at `mount`, or in front of everything where there is no router. */
export const mountOf = ({ mounts }: Framework, mount: string) => (mounts ? mount : '/')

/** An app with the middleware at `mount`, a page at `{mount}/page`, and a 404 that says "app 404". */
export function pageApp(
  framework: Framework,
  vite: Handler,
  page: Page,
  mount = '/',
): RequestListener {
  return framework.create([
    [mountOf(framework, mount), vite],
    [
      below(mount, '/page'),
      (req, res) => {
        const html = page(req, res)
        res.setHeader('Content-Type', 'text/html')
        res.end(html)
      },
    ],
    ['/', notFound],
  ])
}

export const notFound: Handler = (_req, res) => {
  res.statusCode = 404
  res.end('app 404')
}

/** An app that has the middleware at `mount`, and answers everything else with `fallback`. */
export function appAround(
  framework: Framework,
  handler: Handler,
  fallback: Handler,
  mount = '/',
): RequestListener {
  return framework.create([
    [mountOf(framework, mount), handler],
    ['/', fallback],
  ])
}

/** Tells what reached the app: its URL and the one that came in, with the status 404. */
export const echo: Handler = (req, res) => {
  res.statusCode = 404
  res.setHeader('X-App-Url', req.url ?? '')
  res.setHeader('X-App-Original', String('originalUrl' in req ? req.originalUrl : 'none'))
  res.end(`app: ${req.method}`)
}
