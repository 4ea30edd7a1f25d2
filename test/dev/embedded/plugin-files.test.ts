// Files that a plugin's middleware serves with the base `/`, behind the routes of the app.
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import session from 'express-session'
import { afterEach, describe, expect, it } from 'vitest'
import type { Handler } from '../../../src/http.js'
import { ask, listen, listenTls, shapeNames, starting } from '../support/app.js'
import { reachedApp, type Setup, setUp } from '../support/embedded.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** As vite-plugin-pwa, vite-plugin-static-copy and vite-plugin-inspect do. */
const plugin = `{
  name: 'files',
  configureServer({ middlewares }) {
    const files = { '/dev-sw.js': 'self.skipWaiting()', '/copied/picture.svg': '<svg/>', '/__panel/': '<h1>panel</h1>' }
    middlewares.use((req, res, next) => {
      const text = files[req.url.split('?')[0]]
      if (text === undefined) return next()
      res.setHeader('X-Plugin', 'yes')
      res.end(req.method === 'HEAD' ? '' : text)
    })
  },
}`
const more = { 'vite.config.js': `export default { plugins: [${plugin}] }` }
const running = (setup: Setup = {}) => setUp(undo, { ...setup, more: { ...more, ...setup.more } })

const navigation = { accept: 'text/html', 'sec-fetch-dest': 'document' }

/** An app around the middleware, whose last handler is given. */
async function appWith(last: Handler, setup?: Setup, tls?: 'http2') {
  const { dev } = await running(setup)
  const listener = (req: Parameters<Handler>[0], res: Parameters<Handler>[1]) =>
    starting(dev)(req, res, () => last(req, res, () => {}))
  const app = await (tls ? listenTls(listener as never, tls) : listen(listener))
  undo(app.close)
  return app
}

describe.each(['vite', 'vite7', 'vite6', 'vite5'] as const)('a plugin of %s', (vite) => {
  it('answers what no route of the app has answered', async () => {
    const { ask } = await running({ vite })
    expect(await ask('/dev-sw.js')).toMatchObject({ status: 200, body: 'self.skipWaiting()' })
    expect((await ask('/dev-sw.js')).headers).not.toHaveProperty('x-app-url')
    expect((await ask('/copied/picture.svg', { headers: navigation })).body).toBe('<svg/>')
    expect((await ask('/__panel/', { headers: navigation })).body).toBe('<h1>panel</h1>')
    expect(await ask('/dev-sw.js', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })

  it('leaves the app’s 404 as it is', async () => {
    const { ask } = await running({ vite })
    const script = { accept: '*/*', 'sec-fetch-dest': 'script' }
    for (const path of ['/', '/nope', '/nope.js', '/nope.png', '/api/users', '/nope?raw', '/.env'])
      for (const headers of [{}, navigation, script]) {
        const answer = await ask(path, { headers })
        expect(reachedApp(answer), path).toBe(true)
        expect(answer.headers['x-app-url']).toBe(path)
      }
    expect(reachedApp(await ask('/dev-sw.js', { method: 'POST' }))).toBe(true)
    const rebound = await ask('/dev-sw.js', { headers: { host: 'evil.test' } })
    expect(reachedApp(rebound)).toBe(true)
  })
})

it.each(shapeNames)('a plugin answers behind %s', async (shape) => {
  const { ask } = await running({ shape })
  expect((await ask('/dev-sw.js')).body).toBe('self.skipWaiting()')
  expect(reachedApp(await ask('/nope.js'))).toBe(true)
})

it('a route of the app wins over a plugin', async () => {
  const app = await appWith((_req, res) => res.end('the app’s own'))
  expect((await ask(app, '/dev-sw.js')).body).toBe('the app’s own')
})

describe('an app’s 404 is sent', () => {
  it('after a log that wraps writeHead has seen its head', async () => {
    const app = await appWith((_req, res) => {
      const { writeHead } = res
      res.writeHead = ((...all: Parameters<typeof writeHead>) => {
        res.setHeader('X-Seen', String(all[0]))
        return Reflect.apply(writeHead, res, all)
      }) as typeof writeHead
      res.statusCode = 404
      res.end('None')
    })
    const { status, body, headers } = await ask(app, '/nope.js')
    expect({ status, body }).toEqual({ status: 404, body: 'None' })
    expect(headers).toMatchObject({ 'x-seen': '404', 'content-length': '4' })
  })

  it.each(['send', 'end'] as const)('with the cookie of a session, by %s()', async (method) => {
    const sessions = session({ secret: 'x', resave: false, saveUninitialized: true })
    const app = await appWith((req, res) => {
      const answer = () => {
        res.statusCode = 404
        if (method === 'send') res.setHeader('Content-Length', 4)
        res.end('None')
      }
      sessions(req as never, res as never, answer)
    })
    const { status, body, headers } = await ask(app, '/nope.js')
    expect({ status, body }).toEqual({ status: 404, body: 'None' })
    expect(String(headers['set-cookie'])).toContain('connect.sid=')
    if (method === 'send') expect(headers['content-length']).toBe('4')
    expect((await ask(app, '/dev-sw.js')).headers).not.toHaveProperty('set-cookie')
  })

  const large = fileURLToPath(import.meta.url)
  const answers: Record<string, Handler> = {
    'with writeHead': (_req, res) => res.writeHead(404, 'Gone Missing', { 'X-A': '1' }).end('no'),
    'in pieces': (_req, res) => {
      res.statusCode = 404
      res.setHeader('X-A', '1')
      res.write('n')
      setTimeout(() => res.end('o'), 20)
    },
    'after flushHeaders': (_req, res) => {
      res.statusCode = 404
      res.setHeader('X-A', '1')
      res.flushHeaders()
      res.end('no')
    },
  }
  it.each(Object.keys(answers))('%s', async (how) => {
    const app = await appWith(answers[how] as Handler)
    const answer = await ask(app, '/nope')
    expect(answer).toMatchObject({ status: 404, body: 'no', headers: { 'x-a': '1' } })
    expect((await ask(app, '/dev-sw.js')).headers['x-a']).toBeUndefined()
  })

  it('from a stream', async () => {
    const app = await appWith((_req, res) => {
      res.statusCode = 404
      createReadStream(large).pipe(res)
    })
    const { status, body } = await ask(app, '/nope')
    expect(status).toBe(404)
    expect(body).toContain('Files that a plugin')
  })

  it('whole, where it is longer than what is held back', async () => {
    const text = 'x'.repeat(3 * 1024 * 1024)
    const app = await appWith((_req, res) => {
      res.statusCode = 404
      for (let i = 0; i < 3; i++) res.write(text.slice(0, 1024 * 1024))
      res.end()
    })
    expect((await ask(app, '/nope')).body).toHaveLength(text.length)
  })

  it('with what a middleware behind this one has wrapped', async () => {
    const app = await appWith((_req, res) => {
      // As `on-headers` does, by which sessions and compression work.
      const { writeHead } = res
      res.writeHead = ((...all: [number]) => {
        res.setHeader('X-Wrapped', 'yes')
        return Reflect.apply(writeHead, res, all)
      }) as never
      res.statusCode = 404
      res.writeHead(404)
      res.end('no')
    })
    expect((await ask(app, '/nope')).headers['x-wrapped']).toBe('yes')
    expect((await ask(app, '/dev-sw.js')).body).toBe('self.skipWaiting()')
  })
})

it('a plugin answers over HTTP/2', async () => {
  const { connect } = await import('node:http2')
  const app = await appWith((_req, res) => res.writeHead(404).end('no'), {}, 'http2')
  const session = connect(app.origin, { rejectUnauthorized: false })
  undo(() => session.close())
  const get = async (path: string) => {
    const stream = session.request({ ':path': path })
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += chunk
    return body
  }
  expect(await get('/dev-sw.js')).toBe('self.skipWaiting()')
  expect(await get('/nope')).toBe('no')
})
