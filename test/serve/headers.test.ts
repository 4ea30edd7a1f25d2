// Headers of what is served, beside those of the app.
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Handler, Response } from '../../src/http.js'
import { ask, directory, eventually, fileServer, listen, serve, WAYS } from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe('headers', () => {
  it('lets immutable files be kept for a year, by anyone', async () => {
    const { port } = await serve({ 'assets/a-12345678.js': 'x' })
    expect((await ask(port, '/assets/a-12345678.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
    })
  })

  it('offers ranges of the plain bytes, and of nothing else', async () => {
    const { port } = await serve({ 'a.js': JS, 'a.js.br': 'br' })
    expect((await ask(port, '/a.js')).headers['accept-ranges']).toBe('bytes')
    const br = await ask(port, '/a.js', { 'Accept-Encoding': 'br' })
    expect(br.headers).toMatchObject({ 'content-encoding': 'br' })
    expect(br.headers).not.toHaveProperty('accept-ranges')
  })

  it('makes caches revalidate other files', async () => {
    const { port } = await serve({ 'robots.txt': 'x' })
    const { headers } = await ask(port, '/robots.txt')
    expect(headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('vary')
  })

  it.each([
    [60, 60],
    [1.5, 1],
    [1e21, 2 ** 31],
  ])('has the maxAge %d on other files, as caches can read it', async (maxAge, seconds) => {
    const { port } = await serve({ 'robots.txt': 'x' }, { maxAge })
    const { headers } = await ask(port, '/robots.txt')
    expect(headers['cache-control']).toBe(`public, max-age=${seconds}, must-revalidate`)
  })

  it('adds to what the app has set, and overwrites none of it', async () => {
    const { port } = await serve(
      { 'assets/a-12345678.js': JS },
      { compress: true },
      (_, res, next) => {
        res.setHeader('Cache-Control', 'private')
        res.setHeader('Vary', 'Origin')
        res.setHeader('Access-Control-Allow-Origin', 'https://a.test')
        res.setHeader('Content-Security-Policy', "default-src 'self'")
        next()
      },
    )
    const { headers } = await ask(port, '/assets/a-12345678.js')
    expect(headers).toMatchObject({
      'cache-control': 'private',
      vary: 'Origin, Accept-Encoding',
      'access-control-allow-origin': 'https://a.test',
      'content-security-policy': "default-src 'self'",
    })
    const again = await ask(port, '/assets/a-12345678.js', { 'If-None-Match': headers.etag })
    expect(again.status).toBe(304)
    expect(again.headers).toMatchObject({
      'cache-control': 'private',
      vary: 'Origin, Accept-Encoding',
    })
  })

  it.each([
    ['Accept-Encoding', 'Accept-Encoding'],
    ['Origin, accept-encoding', 'Origin, accept-encoding'],
    ['*', '*'],
    [['Origin', 'Cookie'], 'Origin,Cookie, Accept-Encoding'],
  ])('does not repeat Accept-Encoding in a Vary of %j', async (before, vary) => {
    const { port } = await serve({ 'a.js': JS }, { compress: true }, (_, res, next) => {
      res.setHeader('Vary', before)
      next()
    })
    expect((await ask(port, '/a.js')).headers.vary).toBe(vary)
  })

  it('gives setHeaders the last word', async () => {
    const seen: unknown[] = []
    const setHeaders = (res: Response, file: string) => {
      seen.push(file, res.getHeader('Cache-Control'))
      res.setHeader('Cache-Control', 'no-cache')
      res.setHeader('X-File', file)
      res.removeHeader('Access-Control-Allow-Origin')
    }
    const { port } = await serve({ 'assets/a-12345678.js': 'x' }, { setHeaders })
    const { headers } = await ask(port, '/assets/a-12345678.js')
    expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'x-file': 'assets/a-12345678.js' })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(seen).toEqual(['assets/a-12345678.js', 'public, max-age=31536000, immutable'])
  })

  it.each(WAYS)(
    'hands an error of setHeaders to the app, without our headers ($way)',
    async ({ cacheSize }) => {
      const setHeaders = () => {
        throw new Error('hook failed')
      }
      const helmet: Handler = (_req, res, next) => {
        res.setHeader('X-Content-Type-Options', 'nosniff')
        next()
      }
      const { port } = await serve({ 'a.txt': 'hello' }, { setHeaders, cacheSize }, helmet)
      for (let round = 0; round < 2; round++) {
        const reply = await ask(port, '/a.txt')
        expect(reply).toMatchObject({ status: 500, text: 'Error: hook failed' })
        expect(reply.headers).not.toHaveProperty('etag')
        expect(reply.headers['x-content-type-options']).toBe('nosniff')
      }
    },
  )

  it('never gives a Last-Modified in the future', async () => {
    const dir = await directory({ 'a.txt': 'a' })
    const tomorrow = Date.now() / 1000 + 86_400
    await utimes(join(dir, 'a.txt'), tomorrow, tomorrow)
    const port = await listen(fileServer(dir).handle)
    const { headers } = await ask(port, '/a.txt')
    expect(Date.parse(headers['last-modified']!)).toBeLessThanOrEqual(Date.parse(headers.date!))
    const again = await ask(port, '/a.txt', { 'If-Modified-Since': headers['last-modified'] })
    expect(again.status).toBe(304)
  })

  it.each(WAYS)(
    'harms no response that the app has begun already ($way)',
    async ({ cacheSize }) => {
      const early: Handler = (_req, res, next) => {
        res.write('the app, ')
        next()
      }
      const { port } = await serve({ 'assets/a.js': JS }, { cacheSize }, early)
      for (const path of ['/assets/a.js', '/assets/a.js', '/assets/none-12345678.js', '/page']) {
        expect((await ask(port, path)).text, path).toBe('the app, the app')
      }
    },
  )

  it('has the same entity tags on every machine', async () => {
    const tags = []
    for (const age of [1000, 2000]) {
      const dir = await directory({ 'a.js': JS })
      await utimes(join(dir, 'a.js'), age, age)
      const port = await listen(fileServer(dir, { compress: true }).handle)
      const br = await eventually(
        () => ask(port, '/a.js', { 'Accept-Encoding': 'br' }),
        ({ headers }) => headers['content-encoding'] === 'br',
      )
      tags.push([(await ask(port, '/a.js')).headers.etag, br.headers.etag])
    }
    expect(tags[0]).toEqual(tags[1])
    expect(tags[0]![0]).not.toBe(tags[0]![1])
  })
})
