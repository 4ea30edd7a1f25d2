// Which hosts may reach a dev server that makes no check of its own.
import { describe, expect, it, test } from 'vitest'
import { createHostCheck, isLoopback } from '../../src/dev/host-check.js'
import { ask, listenTls, type RunningApp } from './support/app.js'
import { externalApp } from './support/external.js'
import { handshake, rawClient } from './support/upstream.js'

const ALWAYS = [
  'localhost',
  'localhost:3000',
  'LOCALHOST',
  'app.localhost:3000',
  '127.0.0.1',
  '192.168.1.20:8080',
  '[::1]',
  '[::1]:3000',
  '[fe80::1]:3000',
]

const NEVER = [
  undefined,
  '',
  ':3000',
  'evil.test',
  'localhost.evil.test',
  'evillocalhost',
  'localhost.',
  '127.0.0.1.evil.test',
  '127.0.0.1@evil.test',
  'localhost:3000@evil.test',
  'localhost, evil.test',
  'localhost evil.test',
  'localhost:x',
  '[::1].evil.test',
  '[evil]',
  '::1',
  '2130706433',
  '0x7f000001',
]

describe('the host check', () => {
  const check = createHostCheck([])
  test.each(ALWAYS)('lets %s through', (host) => expect(check(host)).toBe(true))
  test.each(NEVER)('refuses %s', (host) => expect(check(host)).toBe(false))

  test.each([
    [['myapp.test'], 'myapp.test:3000', true],
    [['MyApp.test'], 'myapp.TEST', true],
    [['myapp.test'], 'www.myapp.test', false],
    [['.myapp.test'], 'myapp.test', true],
    [['.myapp.test'], 'a.b.myapp.test', true],
    [['.myapp.test'], 'evilmyapp.test', false],
    [['.myapp.test'], 'myapp.test.evil', false],
  ])('with allowedHosts %j: %s → %s', (allowed, host, expected) => {
    expect(createHostCheck(allowed)(host)).toBe(expected)
  })

  it('lets everything through with allowedHosts: true', () => {
    for (const host of [...ALWAYS, ...NEVER]) expect(createHostCheck(true)(host)).toBe(true)
  })
})

test.each([
  ['http://localhost:1', true],
  ['http://app.localhost', true],
  ['http://127.8.9.1', true],
  ['http://[::1]:5173', true],
  ['http://0.0.0.0:5173', false],
  ['http://10.0.0.1', false],
  ['http://127.0.0.1.evil.test', false],
  ['http://localhost.evil.test', false],
])('%s is loopback: %s', (url, expected) => expect(isLoopback(new URL(url))).toBe(expected))

describe('in front of a dev server that serves HTTPS', () => {
  const serve = () =>
    listenTls((req, res) => {
      if (req.url?.endsWith('@react-refresh')) res.writeHead(404).end()
      else res.setHeader('Content-Type', 'text/javascript').end(`for ${req.headers.host}`)
    }, 'https')

  async function inFront(
    use: (app: RunningApp & { log: string[] }) => Promise<void>,
    { host = '127.0.0.1', allowedHosts = [] as string[] | true } = {},
  ): Promise<void> {
    const vite = await serve()
    const url = new URL(`https://${host}:${vite.port}`)
    const app = await externalApp(url, { devServer: { allowedHosts } })
    try {
      await use(app)
    } finally {
      await app.close()
      await vite.close()
    }
  }

  it('its self-signed certificate is trusted on loopback', () =>
    inFront(async (app) => {
      const headers = { Host: 'localhost:3000' }
      expect(await ask(app, '/src/main.ts', { headers })).toMatchObject({
        status: 200,
        body: 'for localhost:3000',
      })
    }))

  it('and on no other address, with any headers', () =>
    inFront(
      async (app) => {
        const { status, body } = await ask(app, '/src/main.ts', { headers: { Host: 'localhost' } })
        expect(status).toBe(502)
        expect(body).toContain('self-signed')
      },
      // Not loopback by its name, and yet this machine.
      { host: '0.0.0.0' },
    ))

  it('an unknown host is a 403 that names the option', () =>
    inFront(async (app) => {
      const answer = await ask(app, '/src/main.ts', { headers: { Host: 'evil.test:3000' } })
      expect(answer.status).toBe(403)
      expect(answer.headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      })
      expect(answer.body).toMatch(/ERR_HOST_NOT_ALLOWED[\s\S]*"evil\.test"[\s\S]*allowedHosts/)
    }))

  it('an unknown host is refused for the HMR socket too', () =>
    inFront(async (app) => {
      await ask(app, '/about', { headers: { Host: 'localhost' } })
      const text = await rawClient(app.port, ...handshake('/?token=t', { host: 'evil.test' })).ended
      expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*ERR_HOST_NOT_ALLOWED/)
    }))

  it('the app’s own pages are not checked', () =>
    inFront(async (app) => {
      const answer = await ask(app, '/about', { headers: { Host: 'evil.test' } })
      expect(answer.body).toBe('app: GET')
    }))

  it('an allowed host passes', () =>
    inFront(
      async (app) => {
        const headers = { Host: 'www.myapp.test' }
        expect((await ask(app, '/src/main.ts', { headers })).body).toBe('for www.myapp.test')
      },
      { allowedHosts: ['.myapp.test'] },
    ))

  it('any host passes with allowedHosts: true', () =>
    inFront(
      async (app) => {
        const headers = { Host: 'anything.test' }
        expect((await ask(app, '/src/main.ts', { headers })).status).toBe(200)
      },
      { allowedHosts: true },
    ))
})
