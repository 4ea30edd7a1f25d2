// An environment that is neither runnable nor fetchable: server code in a worker thread, spoken to by messages.
import { afterEach, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import { build, develop, edit, environmentVersions, serve, versions } from './support.js'
import { createWorkerEnvironment } from './worker-environment/environment.js'
import { virtualEntry, virtualIndexHtml } from './worker-environment/plugins.js'

const handler = (greeting: string) => `
  import { isMainThread } from 'node:worker_threads'
  export function createHandler({ html }: { html: string }) {
    return async function handler(request: Request) {
      const { pathname } = new URL(request.url)
      const words = ['${greeting}', pathname, request.method, await request.text(), isMainThread ? 'main' : 'worker']
      return new Response(html.split('<!--ssr-outlet-->').join(words.join(' ')), {
        status: pathname === '/gone' ? 404 : 200,
        headers: { 'Content-Type': 'text/html' },
      })
    }
  }
`
const files = { 'src/handler.ts': handler('hello') }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function listen(fetchable: Handler): Promise<string> {
  const http = await serve((req, res) => fetchable(req, res, (err) => res.end(String(err))))
  closing.push(http.close)
  return http.url
}

describe.each(environmentVersions)('a raw environment on %s', (version) => {
  it('answers from its thread with the transformed page, and sees edits', async () => {
    const vite = await versions[version]()
    const moduleRunner = import.meta.resolve(
      `${version.toLowerCase().replace(' ', '').replace('8', '')}/module-runner`,
    )
    const site = await develop(version, files, {
      config: {
        plugins: [virtualEntry(), virtualIndexHtml()],
        environments: {
          worker: {
            dev: {
              createEnvironment: createWorkerEnvironment(vite, {
                entry: 'virtual:entry',
                moduleRunner,
              }),
            },
          },
        },
      },
    })
    closing.push(site.close)
    const url = await listen(site.ssr.fetchable(undefined, { environment: 'worker' }))

    const response = await fetch(`${url}/path`, { method: 'POST', body: 'body' })
    expect(response.headers.get('content-type')).toBe('text/html')
    const html = await response.text()
    expect(html).toContain('<div id="app">hello /path POST body worker</div>')
    expect(html).toContain('/@vite/client')
    expect((await fetch(`${url}/gone`)).status).toBe(404)

    const edited = { 'src/handler.ts': handler('good morning') }
    await edit(site.project, edited, async () =>
      (await (await fetch(url)).text()).includes('good morning'),
    )
  })
})

describe('the same entry, built', () => {
  it('answers in production with the built page', async () => {
    const site = await build(files, {
      config: {
        plugins: [virtualEntry(), virtualIndexHtml()],
        environments: {
          client: { build: { outDir: 'dist/client', manifest: true } },
          worker: {
            build: {
              outDir: 'dist/worker',
              manifest: true,
              rolldownOptions: { input: { entry: 'virtual:entry' } },
            },
          },
        },
      },
    })
    closing.push(site.close)
    const url = await listen(site.ssr.fetchable(undefined, { outDir: 'dist/worker' }))
    const html = await (await fetch(`${url}/path`)).text()
    expect(html).toContain('<div id="app">hello /path GET  main</div>')
    expect(html).toMatch(/src="\/assets\/index-[\w-]+\.js"/)
  })
})
