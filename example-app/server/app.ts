// The site: an Express app whose pages get their assets from Vite.
import { fileURLToPath } from 'node:url'
import { type ConnectViteOptions, connectVite } from 'connect-vite'
import express, { type ErrorRequestHandler } from 'express'
import { pictures } from './pictures.js'
import { security } from './security.js'
import { tagList } from './tag-list.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Creates the site. `options` go to connect-vite; the tests choose the mode with them. */
export function createApp(options: ConnectViteOptions = {}) {
  const vite = connectVite({ root, ...options })
  const { mode } = vite.info()

  const app = express()
  app.disable('x-powered-by')
  app.set('views', `${root}views`)
  app.set('view engine', 'ejs')
  Object.assign(app.locals, { mode, tagList })

  // First, so that an asset costs nothing else. Its tags read the nonce later, when a page is rendered.
  app.use(vite)
  app.use(security(mode))

  app.get('/', vite.earlyHints('src/main.ts'), (_req, res) => res.render('home'))
  app.get('/gallery', (_req, res) => res.render('gallery.pug', { pictures }))
  app.get('/shop', (_req, res, next) => {
    if (vite.info().devServer === undefined) next()
    else res.render('external')
  })
  // Rendered by React on the server, and taken over by it in the browser.
  app.get('/shop', vite.ssr('src/shop/entry-server.tsx', { template: 'shop.html' }))
  // A single-page app: every address gets the same HTML, and a missing file is still missing.
  app.get('/garden{/*path}', vite.page('garden.html'))
  app.get('/oops', () => {
    throw new Error('This page fails on purpose.')
  })

  app.use((_req, res) => {
    res.status(404).render('not-found')
  })

  const onError: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) return next(error)
    if (mode !== 'stub') console.error(error)
    const details = mode === 'production' ? undefined : String(error?.stack ?? error)
    res.status(500).render('error', { details }, (broken: Error | null, html) => {
      // The error page is a template too: when it is the broken one, plain words must do.
      if (broken) res.type('text/plain').send(details ?? 'Something went wrong.')
      else res.send(html)
    })
  }
  app.use(onError)

  return { app, vite }
}
