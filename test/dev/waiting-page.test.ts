// What is answered while Vite does not start: to a browser, to the page that waits in it, and to everybody else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { ask, listen, type RunningApp } from './support/app.js'
import { type TemporaryRoot, temporaryRoot } from './support/root.js'

let root: TemporaryRoot
let app: RunningApp
let vite: ReturnType<typeof connectVite>
/** What Vite printed, what the middleware logged, and what reached the app as an error. */
let printed: string[]
let logged: string[]
let errors: unknown[]

const BROKEN = "throw new Error('<script>alert(1)</script>')\n"
const browser = { Accept: 'text/html,*/*;q=0.8', 'Sec-Fetch-Dest': 'document' }
const waiting = { Accept: 'text/x-connect-vite-waiting', 'Sec-Fetch-Dest': 'empty' }

beforeEach(async () => {
  printed = []
  logged = []
  errors = []
  root = await temporaryRoot({ 'vite.config.js': BROKEN, 'src/main.ts': '' })
  const print = (message: string) => void printed.push(message)
  const log = (message: string) => void logged.push(message)
  vite = connectVite({
    mode: 'development',
    root: root.path,
    logger: { info: log, warn: log, error: log },
    devServer: {
      config: {
        customLogger: {
          ...{ info() {}, warn: print, warnOnce: print, error: print },
          ...{ clearScreen() {}, hasErrorLogged: () => false, hasWarned: false },
        },
      },
    },
  })
  app = await listen((req, res) =>
    vite(req, res, (error) => {
      if (error) errors.push(error)
      res.writeHead(error ? 500 : 404).end('app')
    }),
  )
})
afterEach(async () => {
  await vite.close()
  await app.close()
  await root.remove()
})

describe('while Vite does not start', () => {
  it('a browser is shown the reason, as text, on a page that no policy of the app’s can break', async () => {
    const { status, headers, body } = await ask(app, '/page', { headers: browser })
    expect(status).toBe(500)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; connect-src 'self'; script-src 'sha256-/,
    )
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(body).not.toContain('<script>alert')
    expect(errors).toEqual([])
  })

  it.each([
    ['a script', 'GET', { Accept: '*/*' }],
    ['an asset', 'GET', { Accept: '*/*', 'Sec-Fetch-Dest': 'script' }],
    ['a form', 'POST', browser],
    ['a question about the page', 'HEAD', browser],
  ])('the app’s error handler gets the error for %s', async (_, method, headers) => {
    expect(await ask(app, '/page', { method, headers })).toMatchObject({ status: 500 })
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_VITE_START' })])
    expect(logged).toEqual([])
  })

  it('the waiting page learns when Vite is ready', async () => {
    for (let i = 0; i < 3; i++) {
      const { status, body } = await ask(app, '/page', { headers: waiting })
      expect(status).toBe(500)
      expect(body).toContain('Vite did not start: <script>alert(1)</script>')
    }
    await root.write('vite.config.js', 'export default {}')
    expect(await ask(app, '/page', { headers: waiting })).toMatchObject({ status: 204, body: '' })
    // By now it runs.
    expect(await ask(app, '/page', { headers: waiting })).toMatchObject({ status: 204 })
    expect(await ask(app, '/page', { headers: browser })).toMatchObject({
      status: 404,
      body: 'app',
    })
    expect(errors).toEqual([])
  })

  it('the same reason is logged once', async () => {
    for (let i = 0; i < 3; i++) {
      await ask(app, '/page', { headers: browser })
      await ask(app, '/page', { headers: waiting })
    }
    expect(logged).toEqual([expect.stringContaining('Vite did not start')])
    expect(printed.filter((text) => text.includes('failed to load config'))).toHaveLength(1)
  })
})

it('an error of Vite’s names the line of the config, not one of this package', async () => {
  await root.write('vite.config.js', 'export default {\n  base: [,\n}\n')
  const { body } = await ask(app, '/page', { headers: browser })
  expect(body).toContain('vite.config.js:3:')
  expect(body).not.toContain('create-vite')
})
