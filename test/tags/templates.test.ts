// One page in every template engine, each with its own way to pass arguments and to await.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Express } from 'express'
import Handlebars from 'handlebars'
import nunjucks from 'nunjucks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { buildOnDisk, elements, guide, summary } from './support.js'

interface Engine {
  /** `views/page.<extension>`: styles first, then the rest, then an image, then an entry that has nothing new. */
  view: string
  setUp?(app: Express, views: string): void
}

const engines: Record<string, Engine> = {
  ejs: {
    view: `<%- viteTags('views/foo.js', { only: 'style' }) %>
<%- viteTags(['views/foo.js', 'bar']) %>
<img src="<%= viteAsset('logo.svg') %>"><%- viteTags('views/foo.js') %>`,
  },
  pug: {
    view: `!= viteTags('views/foo.js', { only: 'style' })
!= viteTags(['views/foo.js', 'bar'])
img(src=viteAsset('logo.svg'))
!= viteTags('views/foo.js')`,
  },
  hbs: {
    view: `{{{viteTags 'views/foo.js' only='style'}}}
{{{viteTags entries}}}
<img src="{{viteAsset 'logo.svg'}}">{{{viteTags 'views/foo.js'}}}`,
    setUp: (app) =>
      app.engine('hbs', (path, locals, done) => {
        try {
          done(null, Handlebars.compile(readFileSync(path, 'utf8'))(locals))
        } catch (error) {
          done(error)
        }
      }),
  },
  njk: {
    view: `{{ viteTags('views/foo.js', only='style') | safe }}
{{ viteTags(['views/foo.js', 'bar']) | safe }}
<img src="{{ viteAsset('logo.svg') }}">{{ viteTags('views/foo.js') | safe }}`,
    setUp: (app, views) => void nunjucks.configure(views, { express: app, autoescape: true }),
  },
}

/** EJS and Pug are the example's dependencies, so Express would not find them from here by itself. */
const require = createRequire(new URL('../../example-app/', import.meta.url))

/** A server of one page. */
async function serve(extension: string, view: string): Promise<string> {
  const root = buildOnDisk(guide, { [`views/page.${extension}`]: view })
  const views = join(root, 'views')
  const app = express()
  app.set('views', views)
  app.set('view engine', extension)
  const { setUp } = engines[extension]!
  if (setUp) setUp(app, views)
  else app.engine(extension, require(extension).__express)
  app.use(connectVite({ mode: 'production', root }))
  app.get('/', (_req, res) => res.render('page', { entries: ['views/foo.js', 'bar'] }))
  const { url, close } = await listen(app)
  onTestFinished(close)
  return url
}

describe.each(Object.entries(engines))('a page in %s', (extension, { view }) => {
  it('has its tags, with options and several entries, each once', async () => {
    const response = await fetch(await serve(extension, view))
    expect(summary(await response.text())).toEqual([
      'style /assets/foo-5UjPuW-k.css',
      'style /assets/shared-ChJ_j-JJ.css',
      'script /assets/foo-BRBmoGS9.js',
      'script /assets/bar-gkvgaI9m.js',
      'preload /assets/shared-B7PI925R.js',
      'img /assets/logo-BuPIv-2h.svg',
    ])
  })

  it('is an error of the request when an entry is not there', async () => {
    const response = await fetch(await serve(extension, view.replaceAll('views/foo.js', 'nope')))
    expect(response.status).toBe(500)
  })
})

it('begins the page anew for an error view, when it is asked to', async () => {
  const root = buildOnDisk(guide, {
    'views/page.ejs': "<%- viteTags('views/foo.js') %><%= nothing.here %>",
    'views/error.ejs': "<%- viteTags('views/foo.js') %>",
  })
  const vite = connectVite({ mode: 'production', root, nonce: 'abc', preload: 'both' })
  const app = express()
  app.set('views', join(root, 'views'))
  app.engine('ejs', require('ejs').__express)
  app.use(vite)
  app.get('/', (_req, res) => res.render('page.ejs'))
  const onError: ErrorRequestHandler = (_error, req, res, _next) =>
    vite(req, res, () => res.status(500).render('error.ejs'))
  app.use(onError)
  const { url, close } = await listen(app)
  onTestFinished(close)

  const response = await fetch(url)
  expect(response.status).toBe(500)
  expect(summary(await response.text())).toEqual([
    'meta',
    'style /assets/foo-5UjPuW-k.css',
    'style /assets/shared-ChJ_j-JJ.css',
    'script /assets/foo-BRBmoGS9.js',
    'preload /assets/shared-B7PI925R.js',
  ])
  expect(response.headers.get('link')!.split(', ')).toHaveLength(4)
})

it('keeps the nonces of 200 pages apart that are rendered at once and wait between their tags', async () => {
  const entries = ['views/foo.js', 'bar', 'baz']
  const root = buildOnDisk(guide, {
    'views/page.ejs': entries
      .map((entry) => `<% await pause() %><%- viteTags('${entry}') %>`)
      .join('\n'),
  })
  const nonces = Array.from({ length: 200 }, () => randomBytes(16).toString('base64'))
  // Nobody goes on before everybody has arrived, so the pages do overlap.
  const waiting: (() => void)[] = []
  const pause = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === nonces.length) for (const go of waiting.splice(0)) go()
    })

  const app = express()
  app.use((req, res, next) => {
    res.locals.cspNonce = req.get('x-nonce')
    next()
  })
  app.use(connectVite({ mode: 'production', root, preload: 'both' }))
  const { renderFile }: { renderFile(...args: [string, object, object]): Promise<string> } =
    require('ejs')
  app.get('/', async (_req, res) => {
    const view = join(root, 'views/page.ejs')
    res.send(await renderFile(view, { ...res.locals, pause }, { async: true }))
  })
  const { url, close } = await listen(app)
  onTestFinished(close)

  const pages = await Promise.all(
    nonces.map(async (nonce) => {
      const response = await fetch(url, { headers: { 'x-nonce': nonce } })
      return { nonce, link: response.headers.get('link')!, html: await response.text() }
    }),
  )
  for (const { nonce, link, html } of pages) {
    const found = elements(html)
    expect(found).toHaveLength(9)
    expect(new Set(found.map(({ attributes }) => attributes.nonce))).toEqual(new Set([nonce]))
    expect(link.match(/nonce="[^"]*"/g)).toEqual(Array(6).fill(`nonce="${nonce}"`))
  }
})
