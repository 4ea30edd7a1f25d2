// The same server under frameworks and protocols that treat `res` in ways of their own.
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express4'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Handler } from '../../src/http.js'
import { ask, directory, fileServer, WAYS } from './support.js'

const JS = 'export const answer = 42\n'.repeat(200)
async function portOf(server: Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

interface App {
  use(handler: Handler): unknown
  use(path: string, handler: Handler): unknown
  listen(port: number, host: string): Server
}

const frameworks: Array<[string, () => App]> = [
  ['Express 5', () => express5() as unknown as App],
  ['Express 4', () => express4() as unknown as App],
  ['Connect 3', () => connect() as unknown as App],
]

describe.each(WAYS)('$way', ({ cacheSize }) => {
  it.each(frameworks)('answers under %s', async (_, create) => {
    const dir = await directory({ 'assets/a-12345678.js': JS })
    const app = create()
    app.use((_req, res, next) => {
      res.setHeader('Vary', 'Origin')
      next()
    })
    app.use(fileServer(dir, { cacheSize, compress: true }).handle)
    app.use((req, res) => void res.end(`app ${req.url}`))
    const port = await portOf(app.listen(0, '127.0.0.1'))
    const reply = await ask(port, '/assets/a-12345678.js?x')
    expect(reply).toMatchObject({ status: 200, text: JS })
    expect(reply.headers['cache-control']).toContain('immutable')
    expect(reply.headers.vary).toContain('Origin')
    const { etag } = reply.headers
    const again = await ask(port, '/assets/a-12345678.js', { 'If-None-Match': etag })
    expect(again).toMatchObject({ status: 304, text: '' })
    const part = await ask(port, '/assets/a-12345678.js', { Range: 'bytes=0-5' })
    expect(part).toMatchObject({ status: 206, text: 'export' })
    expect((await ask(port, '/assets/none.js')).status).toBe(404)
    expect((await ask(port, '/page?q')).text).toBe('app /page?q')
  })

  it.each(frameworks)('finds its files below a mount path under %s', async (_, create) => {
    const dir = await directory({ 'assets/a.js': JS })
    const app = create()
    app.use('/relative', fileServer(dir, { base: './', cacheSize }).handle)
    app.use('/fixed', fileServer(dir, { base: '/fixed/', cacheSize }).handle)
    app.use((req, res) => void res.end(`app ${req.url}`))
    const port = await portOf(app.listen(0, '127.0.0.1'))
    for (const mount of ['relative', 'fixed']) {
      expect((await ask(port, `/${mount}/assets/a.js`)).text).toBe(JS)
      expect((await ask(port, `/${mount}/assets/b.js`)).status).toBe(404)
      expect((await ask(port, `/${mount}/page`)).text).toBe(`app /${mount}/page`)
    }
  })

  it('answers over HTTP/2', async () => {
    const dir = await directory({ 'assets/a-12345678.js': JS })
    const { handle } = fileServer(dir, { cacheSize })
    const server = createHttp2((req, res) => {
      const next = () => res.end('app')
      handle(req as never, res as never, next)
    })
    server.listen(0, '127.0.0.1')
    const session = connectHttp2(`http://127.0.0.1:${await portOf(server)}`)
    onTestFinished(() => session.close())
    const get = (headers: Record<string, string>) =>
      new Promise<{ status: unknown; text: string }>((resolve, reject) => {
        const stream = session.request(headers)
        let status: unknown
        let text = ''
        stream.on('response', (head) => {
          status = head[':status']
        })
        stream.setEncoding('utf8')
        stream.on('data', (chunk) => {
          text += chunk
        })
        stream.on('error', reject)
        stream.on('end', () => resolve({ status, text }))
      })
    const path = '/assets/a-12345678.js'
    expect(await get({ ':path': path })).toEqual({ status: 200, text: JS })
    expect(await get({ ':path': path, range: 'bytes=0-5' })).toEqual({
      status: 206,
      text: 'export',
    })
    expect(await get({ ':path': path, 'if-none-match': '*' })).toEqual({ status: 304, text: '' })
    expect(await get({ ':path': path, ':method': 'HEAD' })).toEqual({ status: 200, text: '' })
    expect(await get({ ':path': '/assets/none.js' })).toMatchObject({ status: 404 })
    expect(await get({ ':path': '/page' })).toEqual({ status: 200, text: 'app' })
  })
})
