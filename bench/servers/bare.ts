// The yardsticks: servers that do nothing but send bytes which they have in memory.
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { join } from 'node:path'
import connectApp from 'connect'
import expressApp from 'express'
import type { Site } from '../fixtures/site.js'
import { page } from './app.js'

const bytesOf = ({ outDir, file }: Site) => readFileSync(join(outDir, file))

export function end(site: Site): Server {
  const bytes = bytesOf(site)
  return createServer((_req, res) => {
    res.end(bytes)
  })
}

/** The same with the headers that a hashed file needs. */
export const endWithHeaders = (site: Site): Server => createServer(withHeaders(site))

function withHeaders(site: Site): RequestListener {
  const bytes = bytesOf(site)
  const headers = {
    'Content-Type': 'text/javascript; charset=utf-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'public, max-age=31536000, immutable',
    ETag: '"0123456789012345678901"',
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
  }
  return (_req, res) => {
    res.writeHead(200, headers)
    res.end(bytes)
  }
}

export function notModified(): Server {
  return createServer((_req, res) => {
    res.statusCode = 304
    res.end()
  })
}

export function notModifiedWithHeaders(): Server {
  const headers = {
    'Cache-Control': 'public, max-age=31536000, immutable',
    ETag: '"0123456789012345678901"',
    Vary: 'Accept-Encoding',
  }
  return createServer((_req, res) => {
    res.writeHead(304, headers)
    res.end()
  })
}

/** A middleware that only does `res.end(buffer)`, inside Express 5. */
export function expressEnd(site: Site): Server {
  const bytes = bytesOf(site)
  const app = expressApp()
  app.use((_req, res) => {
    res.end(bytes)
  })
  return createServer(app)
}

/** With Express's own header before ours, Node checks every one of them instead of writing them out at once. */
export function expressEndWithHeaders(site: Site): Server {
  const app = expressApp()
  app.use(withHeaders(site))
  return createServer(app)
}

export function expressNotModified(): Server {
  const app = expressApp()
  app.use((_req, res) => {
    res.statusCode = 304
    res.end()
  })
  return createServer(app)
}

/** The app alone. */
export const app = () => createServer(page)

/** Middleware that only calls `next()`, before the app. */
export const next = () => createServer((req, res) => blank(req, res, () => page(req, res)))

export function connectNext(): Server {
  const app = connectApp()
  app.use(blank)
  app.use(page)
  return createServer(app)
}

export function expressNext(): Server {
  const app = expressApp()
  app.use(blank)
  app.use(page)
  return createServer(app)
}

function blank(...[, , next]: [...Parameters<RequestListener>, () => void]): void {
  next()
}
