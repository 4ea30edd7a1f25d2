// Servers of every shape around one middleware, and requests to them whose answers are read as text.
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { Handler, Next } from '../../../src/http.js'
import { ask as askExactly, type Question } from '../../support/ask.js'
import { appAround, byName, type FrameworkName, frameworks } from '../../support/frameworks.js'
import { listen as listenOn } from '../../support/listen.js'

export { echo } from '../../support/frameworks.js'
export { certificate } from '../../support/listen.js'

export interface RunningApp {
  server: Server
  origin: string
  port: number
  close(): Promise<void>
}

export const shapeNames = frameworks.map(({ name }) => name)
export type Shape = FrameworkName

/** How an app is put together around the middleware; `mount` is where, in those that can. */
export const shapes = Object.fromEntries(
  Object.entries(byName).map(([name, framework]) => [
    name,
    (handler: Handler, fallback: Handler, mount?: string) =>
      appAround(framework, handler, fallback, mount),
  ]),
) as Record<Shape, (handler: Handler, fallback: Handler, mount?: string) => RequestListener>

export async function listen(listener: RequestListener): Promise<RunningApp> {
  const app = await listenOn(listener)
  return { ...app, origin: app.url }
}

export async function listenTls(
  listener: RequestListener,
  kind: 'https' | 'http2',
): Promise<RunningApp> {
  const app = await listenOn(listener, kind)
  return { ...app, origin: app.url }
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
export async function ask(app: RunningApp, path: string, question?: Question): Promise<Answer> {
  const { port, origin: url } = app
  const { status, headers, text } = await askExactly({ port, url }, path, question)
  return { status, headers, body: text }
}
