// What clients that leave in the middle of a page leave behind: nothing.
import { once } from 'node:events'
import { get, type IncomingMessage, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { type App, startProcess } from '../reliability/support/app.js'
import { ask } from '../reliability/support/ask.js'
import { build } from './support.js'

const MIB = 1024 * 1024
const VISITS = 1_000
const AT_ONCE = 50

const entry = 'src/entry-server.ts'
/** Each page is heavy, sends a little, and then waits for ever. */
const files = {
  [entry]: `
    import { Readable } from 'node:stream'
    import { Suspense, createElement as h, use } from 'react'
    import { renderToPipeableStream, renderToReadableStream } from 'react-dom/server'

    const streams = (globalThis as any).__streams
    const over = () => { streams.over++ }
    const bytes = (text: string) => new TextEncoder().encode(text)
    const heavy = () => Array.from({ length: 50 }, () => String(Math.random()).repeat(50))
    function List({ items }: any) { return items.map((item: string) => h('li', { key: item }, item)) }
    function Never({ promise, items }: any) { use(promise); return items.length }
    const page = (items = heavy()) => h('main', null, h(List, { items }),
      h(Suspense, { fallback: 'waiting' }, h(Never, { promise: new Promise(() => {}), items })))
    const endless = (items = heavy()) => new ReadableStream({
      start(c) { c.enqueue(bytes(items.join())) }, pull: () => new Promise(() => {}), cancel() { over(); items = [] },
    })

    export function render(url: string) {
      streams.begun++
      switch (url) {
        case '/node': { const items = heavy(); return new Readable({ read() { this.push(items.pop() ?? '') }, destroy(e, done) { over(); done(e) } }) }
        case '/silent': return new Readable({ read() {}, destroy(e, done) { over(); done(e) } })
        case '/web': return endless()
        case '/response': return new Response(endless())
        case '/react': return new Promise((resolve) => {
          const stream = renderToPipeableStream(page(), { onShellReady: () => resolve(stream), onError: over })
        })
        case '/react-web': return renderToReadableStream(page(), { onError: over })
      }
    }
    export default {
      async fetch(request: Request) {
        streams.begun++
        if (request.url.endsWith('wait')) {
          await new Promise((left) => request.signal.addEventListener('abort', left))
          over()
          return new Response()
        }
        return new Response(endless(), { headers: { 'Content-Type': 'text/html' } })
      }
    }
  `,
}
const paths = ['/node', '/silent', '/web', '/response', '/react', '/react-web', '/fetch']

interface Measure {
  begun: number
  over: number
  bytes: number
  resources: string[]
}

/** Reads the first of the page, and leaves. */
async function visit(port: number, path: string): Promise<void> {
  const request = get({ host: '127.0.0.1', port, path, agent: false }).on('error', () => {})
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => {})
  await once(response, 'data')
  response.destroy()
}

async function visits(app: App, count: number): Promise<void> {
  let left = count
  const visitor = async () => {
    while (left > 0) await visit(app.port, paths[left-- % paths.length] as string)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor))
}

/** Asks until all pages that were begun are over, and their connections are closed. */
async function measure({ port }: App): Promise<Measure> {
  let last: Measure | undefined
  const settled = async () => {
    last = JSON.parse(String((await ask('/measure', { port })).body)) as Measure
    const sockets = last.resources.filter((name) => /^TCPSocket/.test(name))
    // One is that of the question.
    return last.begun - last.over + sockets.length
  }
  await expect.poll(settled, { timeout: 30_000 }).toBe(1)
  return last as Measure
}

it(`${VISITS} clients that left in the middle leave no handle open and no memory taken`, async () => {
  const site = await build(files, { entry })
  onTestFinished(site.close)
  const script = fileURLToPath(new URL('streaming-process.ts', import.meta.url))
  const app = await startProcess(script, [site.project.root, entry])

  // What is compiled, cached and allocated once is there after these.
  await visits(app, VISITS / 4)
  const before = await measure(app)
  await visits(app, VISITS)
  const after = await measure(app)

  expect(after.begun - before.begun).toBe(VISITS)
  expect(after.resources.sort()).toEqual(before.resources.sort())
  // One page weighs 50 kB: with one in ten kept, it would be 5 MiB.
  expect((after.bytes - before.bytes) / MIB).toBeLessThan(2)
  expect(app.output()).toBe('')
}, 120_000)

it.each(['GET', 'POST'])(
  'a handler that waits for request.signal hears that the client of a %s has left, garbage collections in between',
  async (method) => {
    const site = await build(files, { entry })
    onTestFinished(site.close)
    const script = fileURLToPath(new URL('streaming-process.ts', import.meta.url))
    const app = await startProcess(script, [site.project.root, entry])
    const read = async () => JSON.parse(String((await ask('/measure', app)).body)) as Measure

    const waiting = request({
      host: '127.0.0.1',
      port: app.port,
      path: '/fetch/wait',
      method,
      agent: false,
    })
    waiting.on('error', () => {}).end()
    await expect.poll(async () => (await read()).begun, { timeout: 10_000 }).toBe(1)
    // Each measure collects garbage.
    for (let round = 0; round < 3; round++) expect((await read()).over).toBe(0)
    waiting.destroy()
    await expect.poll(async () => (await read()).over, { timeout: 10_000 }).toBe(1)
  },
  60_000,
)
