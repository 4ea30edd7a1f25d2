// What an app relies on, in one mode on one framework with one Vite. It throws what it finds, and needs no test runner.
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import WebSocket from 'ws'
import type { Handle } from '../../src/index.js'
import type { TemporaryRoot } from '../dev/support/root.js'
import type { Page } from '../support/frameworks.js'
import { listen } from '../support/listen.js'
import { configOf, type Subject } from './site.js'

interface Visit {
  url: string
  site: TemporaryRoot
  get(path: string, init?: RequestInit): Promise<Response & { body_: string }>
}

export type Mode = 'development' | 'production'

/** A mode, and how an app is built around the middleware. */
export interface Scene {
  mode: Mode
  bundledDev: boolean
  create(vite: Handle, page: Page): Promise<RequestListener> | RequestListener
}

/** Starts the app, visits it as a browser would, and ends it. */
export async function play(subject: Subject, scene: Scene, site: TemporaryRoot): Promise<void> {
  const vite = subject.connectVite({
    root: site.path,
    mode: scene.mode,
    devServer: { config: configOf(subject, scene.bundledDev) },
    logger: { info() {}, warn() {}, error() {} },
  })
  const app = await listen(await scene.create(vite, page))
  const get: Visit['get'] = async (path, init) => {
    const response = await fetch(app.url + path, init)
    return Object.assign(response, { body_: await response.text() })
  }
  try {
    await visits[scene.mode === 'development' && scene.bundledDev ? 'bundled' : scene.mode]({
      url: app.url,
      site,
      get,
    })
    await visitTheApp({ url: app.url, site, get })
  } finally {
    await vite.close()
    await app.close()
  }
}

const page: Page = (req, res) => {
  const { viteTags, viteAsset } = res.locals as Record<string, (path: string) => string>
  return `${viteTags?.('src/main.ts')}<img src="${viteAsset?.('src/logo.svg')}"><i>${req.method} ${req.url}</i>`
}

const urlsOf = (html: string) =>
  [...html.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, url]) => url as string)

const types: Record<string, RegExp> = {
  js: /^text\/javascript/,
  css: /^text\/css/,
  svg: /^image\/svg\+xml/,
}

const visits: Record<Mode | 'bundled', (visit: Visit) => Promise<void>> = {
  async development(visit) {
    const { get } = visit
    const urls = urlsOf((await get('/page')).body_)
    for (const url of ['/@vite/client', '/src/main.ts', '/src/logo.svg']) {
      assert(urls.includes(url), `the page does not name ${url}, only ${urls}`)
    }
    const module = await get('/src/main.ts')
    assert.equal(module.status, 200)
    assert.match(module.headers.get('content-type') ?? '', types.js as RegExp)
    assert.doesNotMatch(module.body_, /title: string/, 'the module still has types')
    const style = await get('/src/main.css', { headers: { accept: 'text/css,*/*;q=0.1' } })
    assert.match(style.headers.get('content-type') ?? '', types.css as RegExp)
    assert.match((await get('/robots.txt')).body_, /User-agent/)
    await editArrives(visit)
  },

  async bundled({ get, site }) {
    const urls = urlsOf((await get('/page')).body_)
    for (const url of [...urls, '/robots.txt']) assert.equal((await get(url)).status, 200, url)
    const script = urls.find((url) => /main.*\.js/.test(url))
    assert(script, `the page names only ${urls}`)
    assert.match((await get(script)).headers.get('content-type') ?? '', types.js as RegExp)
    // The styles are on the page, and those of an edit are on the next one.
    for (let edits = 1, html = ''; !/margin:\s*\dem/.test(html); edits++) {
      await site.write('src/main.css', `body { margin: ${edits % 9}em }\n`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      html = (await get('/page')).body_
      assert(edits < 300, 'the page has the styles from before the edit')
    }
  },

  async production({ get }) {
    const urls = urlsOf((await get('/page')).body_)
    assert(urls.length >= 3, `the page names only ${urls}`)
    for (const url of urls) {
      assert.match(url, /^\/assets\/\w+-[\w-]{8}\.\w+$/)
      const { status, headers } = await get(url)
      assert.equal(status, 200, url)
      assert.match(headers.get('content-type') ?? '', types[url.split('.')[1] as string] as RegExp)
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable', url)
    }
    const { headers } = await get('/robots.txt')
    const etag = headers.get('etag') as string
    assert.equal((await get('/robots.txt', { headers: { 'if-none-match': etag } })).status, 304)
    const missing = await get('/assets/main-00000000.js')
    assert.equal(missing.status, 404)
    assert.match(missing.headers.get('content-type') ?? '', /^text\/plain/)
  },
}

/** Opens the socket as Vite's client does, on the app's own port, and edits until it hears of it. */
async function editArrives({ url, site, get }: Visit): Promise<void> {
  const token = (await get('/@vite/client')).body_.match(/wsToken = "([^"]+)"/)?.[1]
  const address = `${url.replace('http', 'ws')}/?token=${token}`
  const socket = new WebSocket(address, 'vite-hmr', { origin: url })
  let edits = 0
  let editing: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the socket was closed')))
      socket.on('message', (text) => {
        const { type } = JSON.parse(String(text)) as { type: string }
        if (type === 'update') resolve()
        // A watcher may not be ready yet: the edit is made again until it is.
        const edit = () => site.write('src/main.css', `body { margin: ${++edits}px }\n`)
        if (type === 'connected') editing = setInterval(() => edit().catch(reject), 100)
      })
    })
  } finally {
    clearInterval(editing)
    socket.terminate()
  }
}

/** Whatever the mode: routes are the app's, as they came, and so is its 404. */
async function visitTheApp({ get }: Visit): Promise<void> {
  const route = await get('/page?a=%20b', { headers: { origin: 'http://elsewhere.test' } })
  assert.equal(route.status, 200)
  assert.match(route.body_, /<i>GET \/(page)?\?a=%20b<\/i>/)
  assert.equal(route.headers.get('access-control-allow-origin'), null)
  for (const method of ['GET', 'OPTIONS', 'POST']) {
    const nowhere = await get('/nowhere', { method })
    assert.deepEqual([nowhere.status, nowhere.body_], [404, 'app 404'], `${method} /nowhere`)
  }
}
