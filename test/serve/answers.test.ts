// Conditional and partial requests over HTTP, from memory and streamed.
import { describe, expect, it } from 'vitest'
import { ask, raw, serve, WAYS } from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe.each(WAYS)('conditions and ranges, $way', ({ cacheSize }) => {
  const TEXT = '0123456789'
  const serveText = () => serve({ 'a.txt': TEXT }, { cacheSize })

  it('answers 304 with what a cache needs, and nothing of a body', async () => {
    const { port } = await serve({ 'assets/a-12345678.js': JS }, { cacheSize })
    const { headers } = await ask(port, '/assets/a-12345678.js')
    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(
        port,
        '/assets/a-12345678.js',
        { 'If-None-Match': headers.etag },
        method,
      )
      expect(reply).toMatchObject({ status: 304, text: '' })
      expect(reply.headers).toMatchObject({
        etag: headers.etag,
        'cache-control': headers['cache-control'],
      })
      expect(reply.headers).not.toHaveProperty('content-length')
      expect(reply.headers).not.toHaveProperty('content-type')
      expect(reply.headers).not.toHaveProperty('transfer-encoding')
    }
  })

  it('answers If-Modified-Since and the failing conditions', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const lastModified = headers['last-modified']!
    const status = async (conditions: Record<string, string>) =>
      (await ask(port, '/a.txt', conditions)).status
    expect(await status({ 'If-Modified-Since': lastModified })).toBe(304)
    expect(await status({ 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(200)
    expect(await status({ 'If-Match': '"x"' })).toBe(412)
    expect(await status({ 'If-Match': headers.etag! })).toBe(200)
    expect(await status({ 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412)
    expect(await status({ 'If-None-Match': '*' })).toBe(304)
  })

  it.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', TEXT, 'bytes 0-9/10'],
    ['bytes=5-999999999999999999999', '56789', 'bytes 5-9/10'],
  ])('sends the part %j', async (range, text, contentRange) => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: range })
    expect(reply).toMatchObject({ status: 206, text })
    expect(reply.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(text.length),
      'content-type': 'text/plain; charset=utf-8',
      etag: expect.any(String),
      'cache-control': expect.any(String),
    })
  })

  it.each(['bytes=5-3', 'bytes=abc', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'bytes=0-0,-1'])(
    'sends all of it for %j',
    async (range) => {
      const { port } = await serveText()
      const reply = await ask(port, '/a.txt', { Range: range })
      expect(reply).toMatchObject({ status: 200, text: TEXT })
      expect(reply.headers).not.toHaveProperty('content-range')
    },
  )

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('answers 416 to %j', async (range) => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: range })
    expect(reply.status).toBe(416)
    expect(reply.headers).toMatchObject({
      'content-range': 'bytes */10',
      'cache-control': 'no-store',
    })
  })

  it('cuts only what If-Range says is still the same', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const status = async (ifRange: string) =>
      (await ask(port, '/a.txt', { Range: 'bytes=0-1', 'If-Range': ifRange })).status
    expect(await status(headers.etag!)).toBe(206)
    expect(await status(headers['last-modified']!)).toBe(206)
    expect(await status('"x"')).toBe(200)
    expect(await status(`W/${headers.etag}`)).toBe(200)
    expect(await status('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(200)
  })

  it('looks at conditions before ranges', async () => {
    const { port } = await serveText()
    const { headers } = await ask(port, '/a.txt')
    const reply = await ask(port, '/a.txt', { Range: 'bytes=99-', 'If-None-Match': headers.etag })
    expect(reply.status).toBe(304)
  })

  it('ignores ranges on HEAD', async () => {
    const { port } = await serveText()
    const reply = await ask(port, '/a.txt', { Range: 'bytes=0-1' }, 'HEAD')
    expect(reply.status).toBe(200)
    expect(reply.headers['content-length']).toBe('10')
  })

  it('keeps a connection in step over all kinds of answers', async () => {
    const { port } = await serve({ 'a.txt': TEXT, 'b.txt': 'B' }, { cacheSize })
    const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`
    const received = await raw(
      port,
      get('/a.txt') +
        get('/a.txt', 'Range: bytes=1-2\r\n') +
        get('/a.txt', 'Range: bytes=99-\r\n') +
        get('/a.txt', 'If-None-Match: *\r\n') +
        get('/a.txt', 'If-Match: "x"\r\n') +
        get('/a.txt').replace('GET', 'HEAD') +
        get('/assets/x-12345678.js') +
        get('/b.txt', 'Connection: close\r\n'),
    )
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '206', '416', '304', '412', '200', '404', '200'])
    expect(received.endsWith('\r\n\r\nB')).toBe(true)
  })
})
