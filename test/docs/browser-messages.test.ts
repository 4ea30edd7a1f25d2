// docs/troubleshooting.md quotes what browsers say, in italics: a real one says so.
import { request } from 'node:http'
import express from 'express'
import { afterAll, describe, it, onTestFinished } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { openBrowser } from '../browser/browser.js'
import { eventually, watchedPage } from '../browser/harness/page.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Files } from '../support/project.js'
import { read } from './support/pages.js'
import { isQuoteOf } from './support/quote.js'

const browser = await openBrowser()
afterAll(() => browser?.close())

const quoted = [...read('docs/troubleshooting.md').matchAll(/\*([^*|]{20,})\*/g)].map(
  ([, text]) => text as string,
)

/** All that the console says of a page. */
async function consoleOf(url: string): Promise<string[]> {
  const { page, messages } = await watchedPage(browser!)
  onTestFinished(() => page.context().close())
  await page.goto(url)
  await page.evaluate('globalThis.act?.().catch((error) => console.error(error.message))')
  return messages
}

async function site(files: Files, mode: 'development' | 'production') {
  const project = await createProject(files)
  onTestFinished(project.remove)
  if (mode === 'production') await buildProject(project.root)
  const config = { logLevel: 'silent' } as const
  const vite = connectVite({ root: project.root, mode, devServer: { config } })
  onTestFinished(() => vite.close())
  return vite
}

async function serve(app: express.Express): Promise<string> {
  const { url, close } = await listen(app)
  onTestFinished(close)
  return url
}

const page = (vite: Handle) => `<!doctype html><title>Page</title>${vite.tags('src/main.ts')}`

const SYMPTOMS: Record<string, () => Promise<string>> = {
  async 'a catch-all before the middleware'() {
    const vite = await site({}, 'production')
    const app = express()
    app.use((_req, res) => {
      res.send(page(vite))
    })
    return serve(app.use(vite))
  },
  async 'a chunk that is gone'() {
    const vite = await site({}, 'production')
    const app = express().use(vite)
    app.get('/', (_req, res) => {
      res.send('<!doctype html><script>act = () => import("/assets/gone-12345678.js")</script>')
    })
    return serve(app)
  },
  async 'a proxy without upgrades'() {
    const vite = await site({}, 'development')
    const app = express().use(vite)
    app.get('/', (_req, res) => {
      res.send(page(vite))
    })
    const behind = await serve(app)
    const proxy = express()
    proxy.use((req, res) => {
      const { connection: _hop, upgrade: _wish, ...headers } = req.headers
      const target = request(behind + req.url, { headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(res)
      })
      target.on('error', () => res.destroy()).end()
    })
    return serve(proxy)
  },
}

describe.skipIf(!browser)('a browser says what the page quotes', () => {
  it.each(Object.entries(SYMPTOMS))('with %s', async (_, start) => {
    const messages = await consoleOf(await start())
    await eventually(() =>
      quoted.filter((quote) => messages.some((one) => isQuoteOf(quote, one))),
    ).toHaveLength(1)
  })
})
