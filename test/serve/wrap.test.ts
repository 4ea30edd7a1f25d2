// wrap(app): assets are answered before the framework sees them, on every kind of server; the rest is the app's.
import type { RequestListener } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Handler } from '../../src/http.js'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import {
  ask,
  echo,
  listen,
  listenTls,
  type RunningApp,
  shapeNames,
  shapes,
} from '../dev/support/app.js'
import { directory, log } from './support.js'

const JS = 'export const answer = 42\n'.repeat(200)
const FILE = '/assets/a-12345678.js'

async function wrapped(options: ConnectViteOptions = {}): Promise<Handle> {
  const outDir = await directory({
    '.vite/manifest.json': JSON.stringify({ 'a.js': { file: FILE.slice(1), isEntry: true } }),
    [FILE.slice(1)]: JS,
  })
  const vite = connectVite({ mode: 'production', outDir, logger: log(), ...options })
  onTestFinished(() => vite.close())
  return vite
}

async function running(starting: Promise<RunningApp>): Promise<RunningApp> {
  const app = await starting
  onTestFinished(() => app.close())
  return app
}

/** Remembers what reached the app, and marks its answers. */
function witness() {
  const seen: string[] = []
  const handler: Handler = (req, res, next) => {
    seen.push(`${req.method} ${req.url}`)
    res.setHeader('X-Seen', 'yes')
    next()
  }
  return { seen, handler }
}

describe.each(shapeNames)('in front of %s', (shape) => {
  it('answers assets, found or missing, and the app hears nothing of them', async () => {
    const vite = await wrapped()
    const { seen, handler } = witness()
    const app = await running(listen(vite.wrap(shapes[shape](handler, echo))))
    expect(await ask(app, `${FILE}?v=1`)).toMatchObject({ status: 200, body: JS })
    expect(await ask(app, FILE, { headers: { 'if-none-match': '*' } })).toMatchObject({
      status: 304,
      body: '',
    })
    expect(await ask(app, FILE, { headers: { range: 'bytes=0-5' } })).toMatchObject({
      status: 206,
      body: 'export',
    })
    expect(await ask(app, FILE, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    const missing = await ask(app, '/assets/gone-12345678.js')
    expect(missing).toMatchObject({ status: 404, body: 'Not Found\n' })
    expect(missing.headers).not.toHaveProperty('x-seen')
    expect(seen).toEqual([])
  })

  it.each([
    ['GET', '/page?q=1'],
    ['GET', '//assets/a-12345678.js'],
    ['GET', '/assets/'],
    ['POST', FILE],
    ['OPTIONS', FILE],
  ])('hands %s %s on as it came', async (method, path) => {
    const vite = await wrapped()
    const { seen, handler } = witness()
    const app = await running(listen(vite.wrap(shapes[shape](handler, echo))))
    const reply = await ask(app, path, { method })
    expect(reply).toMatchObject({ status: 404, body: `app: ${method}` })
    expect(reply.headers).toMatchObject({ 'x-app-url': path, 'x-seen': 'yes' })
    expect(seen).toEqual([`${method} ${path}`])
  })

  it('stands beside the middleware, whose functions the page needs', async () => {
    const vite = await wrapped()
    const page: Handler = (_req, res) => {
      const { viteTags } = res.locals as { viteTags(entry: string): string }
      res.end(viteTags('a.js'))
    }
    const app = await running(listen(vite.wrap(shapes[shape](vite, page))))
    expect((await ask(app, '/')).body).toBe(`<script type="module" src="${FILE}"></script>`)
    expect((await ask(app, FILE)).body).toBe(JS)
  })
})

describe('on other servers', () => {
  it.each(shapeNames)('answers over HTTPS in front of %s', async (shape) => {
    const vite = await wrapped()
    const app = await running(listenTls(vite.wrap(shapes[shape](vite, echo)), 'https'))
    expect(await ask(app, FILE)).toMatchObject({ status: 200, body: JS })
    expect(await ask(app, '/page')).toMatchObject({ status: 404, body: 'app: GET' })
  })

  describe('over HTTP/2', () => {
    async function session(vite: Handle, shape: (typeof shapeNames)[number]) {
      const app = await running(listenTls(vite.wrap(shapes[shape](vite, echo)), 'http2'))
      const session = connectHttp2(app.origin, { rejectUnauthorized: false })
      onTestFinished(() => session.destroy())
      return {
        app,
        get: (path: string, headers: Record<string, string> = {}) =>
          new Promise<{ status: unknown; body: string }>((resolve, reject) => {
            const stream = session.request({ ':path': path, ...headers })
            const reply = { status: undefined as unknown, body: '' }
            stream.on('response', (head) => {
              reply.status = head[':status']
            })
            stream.setEncoding('utf8').on('data', (chunk) => {
              reply.body += chunk
            })
            stream.on('error', reject).on('end', () => resolve(reply))
          }),
      }
    }

    // Express 5 itself throws there: its assets are answered all the same, and to HTTP/1 clients all of it.
    it.each(shapeNames)('answers assets in front of %s', async (shape) => {
      const { app, get } = await session(await wrapped(), shape)
      expect(await get(FILE)).toEqual({ status: 200, body: JS })
      expect(await get(FILE, { range: 'bytes=0-5' })).toEqual({ status: 206, body: 'export' })
      expect(await get(FILE, { 'if-none-match': '*' })).toEqual({ status: 304, body: '' })
      expect(await get('/assets/gone-12345678.js')).toEqual({ status: 404, body: 'Not Found\n' })
      expect(await ask(app, '/page')).toMatchObject({ status: 404, body: 'app: GET' })
    })

    it('streams to a client that goes away, and to the next one', async () => {
      const { get, app } = await session(await wrapped({ cacheSize: 0 }), 'bare http')
      const leaving = connectHttp2(app.origin, { rejectUnauthorized: false })
      const stream = leaving.request({ ':path': FILE })
      stream.on('error', () => {})
      await new Promise((resolve) => stream.once('response', resolve))
      leaving.destroy()
      expect(await get(FILE)).toEqual({ status: 200, body: JS })
    })
  })
})

it.each([
  ['no status', {}],
  ['a status that is none', { status: 42 }],
  ['a status that is no error', { status: 200 }],
])(
  'answers with a 500 without details where an error with %s comes before the app',
  async (_, more) => {
    const setHeaders = () => {
      throw Object.assign(new Error('secret of the app'), more)
    }
    const vite = await wrapped({ setHeaders })
    const app = await running(listen(vite.wrap(echo as RequestListener)))
    const reply = await ask(app, FILE)
    expect(reply).toMatchObject({ status: 500, body: 'Internal Server Error' })
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect((await ask(app, '/page')).body).toBe('app: GET')
  },
)
