// The file server under every framework, and over HTTP/2.
import type { Server } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Handler } from '../../src/http.js'
import { frameworks } from '../support/frameworks.js'
import { listening } from '../support/listen.js'
import { ask, directory, fileServer, WAYS } from './support.js'

const JS = 'export const answer = 42\n'.repeat(200)
const tellUrl: Handler = (req, res) => void res.end(`app ${req.url}`)
const mounting = frameworks.filter(({ mounts }) => mounts)

describe.each(WAYS)('$way', ({ cacheSize }) => {
  it.each(frameworks)('answers under $name', async ({ create }) => {
    const dir = await directory({ 'assets/a-12345678.js': JS })
    const vary: Handler = (_req, res, next) => {
      res.setHeader('Vary', 'Origin')
      next()
    }
    const { handle } = fileServer(dir, { cacheSize, compress: true })
    const app = create([
      ['/', vary],
      ['/', handle],
      ['/', tellUrl],
    ])
    const { port } = await listening(app)
    const reply = await ask(port, '/assets/a-12345678.js?x')
    expect(reply).toMatchObject({ status: 200, text: JS })
    expect(reply.headers['cache-control']).toContain('immutable')
    expect(reply.headers.vary).toContain('Origin')
    const { etag } = reply.headers
    const again = await ask(port, '/assets/a-12345678.js', { 'If-None-Match': etag })
    expect(again).toMatchObject({ status: 304, text: '' })
    const part = await ask(port, '/assets/a-12345678.js', { Range: 'bytes=0-5' })
    expect(part).toMatchObject({ status: 206, text: 'export' })
    expect((await ask(port, '/assets/none-12345678.js')).status).toBe(404)
    expect((await ask(port, '/page?q')).text).toBe('app /page?q')
  })

  it.each(mounting)('finds its files below a mount path under $name', async ({ create }) => {
    const dir = await directory({ 'assets/a.js': JS })
    const app = create([
      ['/relative', fileServer(dir, { base: './', cacheSize }).handle],
      ['/fixed', fileServer(dir, { base: '/fixed/', cacheSize }).handle],
      ['/', tellUrl],
    ])
    const { port } = await listening(app)
    for (const mount of ['relative', 'fixed']) {
      expect((await ask(port, `/${mount}/assets/a.js`)).text).toBe(JS)
      expect((await ask(port, `/${mount}/assets/b-12345678.js`)).status).toBe(404)
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
    const { url } = await listening(server as unknown as Server)
    const session = connectHttp2(url)
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
    expect(await get({ ':path': '/assets/none-12345678.js' })).toMatchObject({ status: 404 })
    expect(await get({ ':path': '/page' })).toEqual({ status: 200, text: 'app' })
  })
})
