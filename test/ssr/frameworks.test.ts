// page(), ssr() and fetchable() as handlers of every framework.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frameworks, notFound } from '../support/frameworks.js'
import { build, develop, type Site, serve } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    export const render = (url: string) => { if (url === '/throw') throw new Error('boom'); return 'rendered ' + url }
    export default { fetch: (request: Request) => new Response('fetched ' + new URL(request.url).pathname) }
  `,
}

const modes: [string, () => Promise<Site>][] = [
  ['development', () => develop('Vite 8', files)],
  ['production', () => build(files, { entry })],
]

describe.each(modes)('in %s', (_mode, start) => {
  let site: Site
  beforeAll(async () => {
    site = await start()
  })
  afterAll(() => site?.close())

  it.each(frameworks)('$name runs all three handlers', async ({ create }) => {
    const http = await serve(
      create(
        [
          ['/fetch', site.ssr.fetchable(entry)],
          ['/page', site.ssr.page()],
          ['/', site.ssr.ssr(entry)],
          ['/', notFound],
        ],
        (_error, _req, res) => void res.end('app error page'),
      ),
    )
    const text = async (path: string, init?: RequestInit) =>
      (await fetch(http.url + path, init)).text()
    expect(await text('/fetch/x?y')).toBe('fetched /fetch/x')
    expect(await text('/page/x')).toContain('<title>fixture</title>')
    expect(await text('/ssr/x?y')).toContain('rendered /ssr/x?y')
    expect(await text('/ssr', { method: 'POST' })).toBe('app 404')
    expect(await text('/throw')).toBe('app error page')
    await http.close()
  })
})

describe('an HTTP server of the app', () => {
  it('can be given a handler without a framework', async () => {
    const site = await build(files, { entry })
    const page = site.ssr.page()
    const server = createServer((req, res) => page(req, res, () => res.end('next')))
    const http = await serve((req, res) => server.emit('request', req, res))
    expect(await (await fetch(`${http.url}/missing.js`)).text()).toBe('next')
    expect(await (await fetch(http.url)).text()).toContain('fixture')
    await http.close()
    await site.close()
  })
})
