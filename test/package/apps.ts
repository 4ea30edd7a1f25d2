// Apps as users write them. What those in TypeScript get wrong on purpose has to be an error.

/** An app that does something with itself, and ends. */
export const javascriptApp = (act: string) => `
  import express from 'express'
  import { connectVite } from 'connect-vite'
  const app = express()
  const vite = connectVite()
  app.use(vite)
  app.get('/', (req, res) => { res.send(res.locals.viteTags('src/main.ts')) })
  app.use((err, req, res, next) => { res.status(500).send(err.code + ' ' + err.message) })
  const server = app.listen(0, '127.0.0.1', async () => {
    const url = 'http://127.0.0.1:' + server.address().port
    ${act}
    await vite.close()
    server.close()
  })`

/** Says what `/` answers, so that a test can see that what was compiled also runs. */
const say = `
const server = createServer(app).listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as AddressInfo
  const answer = await fetch('http://127.0.0.1:' + port + '/', { headers: { accept: 'text/html' } })
  console.log(answer.status, await answer.text())
  await vite.close()
  server.close()
})
`

export const expressApp = `
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import connectVite, {
  type ConnectViteOptions, ConnectViteError, connectVite as named, type Handle, type Render,
} from 'connect-vite'

const options: ConnectViteOptions = {
  nonce: (_req, res) => (typeof res.locals?.cspNonce === 'string' ? res.locals.cspNonce : undefined),
  attributes: (tag) => (tag.kind === 'script' ? { async: true } : {}),
  setHeaders: (res, file) => { res.setHeader('x-file', file) },
  immutable: (file) => file.endsWith('.js'),
  logger: console,
}
const vite: Handle = connectVite(options)
const app: Express = express()
app.use(vite)
app.use('/sub', vite)
app.get('/', (_req, res) => { res.send(res.locals.viteTags('src/main.ts', { only: ['script'] })) })
app.get('/hints', vite.earlyHints(['src/main.ts']), (_req, res) => { res.send(vite.tags('src/main.ts')) })
app.get('/asset', (_req, res) => { res.send(res.locals.viteAsset('x.png') + res.locals.viteInline('x.css')) })

const onError: ErrorRequestHandler = (err, _req, res, next) => {
  if (err instanceof ConnectViteError) res.status(err.status ?? 500).send(err.code)
  else next(err)
}
app.use(onError)

// What people put into variables that other files import has to have a name in their declarations.
export const handler: RequestHandler = vite
export const hints = vite.earlyHints('src/main.ts')
export const info = vite.info()
export const page = () => vite.page()
export const ssr = () => vite.ssr('src/entry-server.ts', { template: 'app.html' })
export const api = () => vite.fetchable('src/api.ts')
export const server_ = () => vite.import('src/entry-server.ts')
export const render: Render = (url, { req, nonce }) => ({ html: url + req.method + nonce, status: 200 })

export function mistakes(res: express.Response) {
  // @ts-expect-error: an entry is a string
  res.locals.viteTags(1)
  // @ts-expect-error: a misspelt option
  named({ roots: '.' })
  // @ts-expect-error: neither a URL nor a server
  named({ devServer: 1 })
  // @ts-expect-error: a misspelt option of a call
  vite.tags('src/main.ts', { onyl: 'style' })
}
${say}`

export const connectApp = `
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import connect from 'connect'
import { connectVite, type ViteLocals } from 'connect-vite'

const vite = connectVite()
const app = connect()
app.use(vite)
app.use('/sub', vite)
app.use('/page', vite.page())
app.use('/hints', vite.earlyHints('src/main.ts'))
app.use((_req, res) => {
  const { locals } = res as typeof res & { locals: ViteLocals }
  res.end(locals.viteTags('src/main.ts'))
})
export const listener = createServer(vite.wrap(app))
${say}`

export const bareApp = `
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectVite } from 'connect-vite'

const vite = connectVite()
const app: RequestListener = (req, res) => {
  vite(req, res, (err) => { res.end(err instanceof Error ? err.message : vite.tags('src/main.ts')) })
}
// @ts-expect-error: without Vite there is no server of it
export const started: object = vite.server
${say}`

/** What \`backend({ types })\` writes: from then on another entry is an error. */
export const namedEntries = `
declare module 'connect-vite' {
  interface Register { entries: 'src/main.ts' }
}
export {}
`
export const misspeltEntry = `
import { connectVite } from 'connect-vite'
connectVite().tags('src/mian.ts')
`

/** With Vite in the project: its types are the installed major's own. */
export const viteApp = `
import type { InlineConfig, ViteDevServer } from 'vite'
import { type ConnectViteOptions, connectVite } from 'connect-vite'

const config: InlineConfig = { logLevel: 'silent' }
const vite = connectVite({ devServer: { config } })
export const server: ViteDevServer | undefined = vite.server
export const own = (devServer: ViteDevServer): ConnectViteOptions => ({ devServer })
export const root: string | undefined = vite.server?.config.root
// @ts-expect-error: the types of Vite are there, and checked
export const wrong: number | undefined = vite.server?.config.root
`
export const viteConfig = `
import { backend } from 'connect-vite/plugin'
import { defineConfig } from 'vite'
export default defineConfig({
  plugins: [backend({ input: ['src/main.ts'], keep: { builds: 3 } })],
})
`
