// A measured process: the same requests to the same app, through a middleware that only calls next() and through ours, in
// turn. What ours adds is a hundredth of what a request costs, so nothing else may differ: there is no network in between,
// and one app has both (a second one in a process is slower than the first, whatever it does).
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import connectApp from 'connect'
import expressApp from 'express'
import type { Handler } from '../../src/http.js'
import type { Site } from '../fixtures/site.js'
import { load } from '../package.js'
import { bareListener, PAGE, page } from '../servers/app.js'
import { median } from '../stats.js'
import { answer, job } from '../worker.js'

export type Framework = 'bare http' | 'Connect' | 'Express 5'

/** Microseconds for a request. */
export interface Passed {
  readonly next: number
  readonly ours: number
}

const { dist, outDir } = job<Site>()
const { connectVite } = await load(dist)

const handlers: Record<keyof Passed, Handler> = {
  next: (_req, _res, next) => next(),
  ours: connectVite({ mode: 'production', outDir }),
}
let current = handlers.next

const switched: Handler = (req, res, next) => current(req, res, next)

function connect(): Server {
  const app = connectApp()
  app.use(switched as unknown as connectApp.NextHandleFunction)
  app.use(page)
  return createServer(app)
}

function express(): Server {
  const app = expressApp()
  app.use(switched)
  app.use(page)
  return createServer(app)
}

const servers: Record<Framework, Server> = {
  'bare http': createServer(bareListener(switched)),
  Connect: connect(),
  'Express 5': express(),
}

/** Never connected: what is written to it stays in memory. */
const socket = new Socket()

function ask(server: Server): void {
  const req = new IncomingMessage(socket)
  Object.assign(req, { method: 'GET', url: PAGE, httpVersionMajor: 1, httpVersionMinor: 1 })
  req.headers = { host: 'localhost', connection: 'keep-alive' }
  server.emit('request', req, new ServerResponse(req))
}

/** In a row: long enough for the clock, short enough that most batches see no garbage collection. */
const REQUESTS = 20
const BATCHES = 1000

function batch(server: Server, name: keyof Passed): number {
  current = handlers[name]
  const start = performance.now()
  for (let request = 0; request < REQUESTS; request++) ask(server)
  return ((performance.now() - start) / REQUESTS) * 1000
}

/** In random order: one that alternates can fall into step with the garbage collection. */
function round(server: Server): Passed {
  const samples: Record<keyof Passed, number[]> = { next: [], ours: [] }
  for (let count = 0; count < BATCHES; count++) {
    const name = Math.random() < 0.5 ? 'next' : 'ours'
    samples[name].push(batch(server, name))
  }
  return { next: median(samples.next), ours: median(samples.ours) }
}

const rounds = Object.entries(servers).map(([name, server]) => [name, () => round(server)] as const)

answer({
  warm: () => {
    for (const [, again] of [...rounds, ...rounds]) again()
  },
  ...Object.fromEntries(rounds),
})
