// Which requests page() and ssr() answer: on a catch-all, on a route by name, where they are mounted.
import express from 'express'
import express4 from 'express4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Handler } from '../../src/http.js'
import { build, type Running, type Site, serve } from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    export const render = (url: string) => url.startsWith('/feed.xml')
      ? new Response('<rss/>', { headers: { 'Content-Type': 'application/rss+xml' } })
      : 'rendered'
  `,
}

/** Headers of browsers. Node's own fetch() has no `Sec-Fetch-Dest`. */
const headersOf = {
  navigation: { 'Sec-Fetch-Dest': 'document', Accept: 'text/html,*/*;q=0.8' },
  script: { 'Sec-Fetch-Dest': 'empty', Accept: '*/*' },
  json: { 'Sec-Fetch-Dest': 'empty', Accept: 'application/json' },
  image: { 'Sec-Fetch-Dest': 'image', Accept: 'image/avif,*/*;q=0.8' },
  nothing: { Accept: '' },
}
type From = keyof typeof headersOf

const kinds: [string, (site: Site) => Handler][] = [
  ['page()', ({ ssr }) => ssr.page()],
  ['ssr()', ({ ssr }) => ssr.ssr(entry)],
]
const apps: [string, () => ReturnType<typeof express>, string][] = [
  ['Express 5', express, '/{*path}'],
  ['Express 4', express4 as unknown as typeof express, '*'],
]

describe.each(kinds)('%s', (kind, handlerOf) => {
  let site: Site
  beforeAll(async () => {
    site = await build(files, { entry })
  })
  afterAll(() => site?.close())

  describe.each(apps)('in %s', (_framework, create, wildcard) => {
    let http: Running
    beforeAll(async () => {
      const handler = handlerOf(site) as never
      const app = create()
      app.get('/about', handler)
      app.get(['/feed.xml', '/list'], handler)
      app.get('/users/:id', handler)
      app.use('/mounted', handler)
      app.get('/api/:name', (_req, _res, next) => next())
      if (kind === 'page()') app.use(handler)
      else app.get(wildcard, handler)
      app.use((_req, res) => void res.status(404).send('app 404'))
      http = await serve(app)
    })
    afterAll(() => http?.close())

    const isAnswered = async (path: string, from: From) =>
      (await fetch(http.url + path, { headers: headersOf[from] })).status === 200

    it.each<[string, From]>([
      ['/', 'navigation'],
      ['/anything', 'navigation'],
      ['/anything', 'nothing'],
      ['/', 'script'],
      ['/?from=worker', 'script'],
      ['/about', 'script'],
      ['/users/jane', 'script'],
      ['/mounted', 'script'],
      ['/mounted/', 'script'],
    ])('answers %s for a %s request', async (path, from) => {
      expect(await isAnswered(path, from)).toBe(true)
    })

    it.each<[string, From]>([
      ['/logo.png', 'image'],
      ['/logo.png', 'navigation'],
      ['/favicon.ico', 'image'],
      ['/favicon.ico', 'nothing'],
      ['/anything', 'json'],
      ['/anything', 'script'],
      ['/api/missing', 'script'],
      ['/users/jane.png', 'image'],
      ['/mounted/logo.png', 'image'],
      ['/mounted/api', 'script'],
    ])('leaves %s of a %s request to the app', async (path, from) => {
      expect(await isAnswered(path, from)).toBe(false)
    })

    it('knows whether a route that names a file is its own', async () => {
      const rendered = kind === 'ssr()'
      expect(await isAnswered('/feed.xml', 'json')).toBe(rendered)
      expect(await isAnswered('/feed.xml', 'script')).toBe(true)
    })
  })
})
