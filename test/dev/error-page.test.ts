// Error pages of the app in development: what is added to them, and what is left alone.
import { gzipSync } from 'node:zlib'
import express from 'express'
import session from 'express-session'
import { describe, expect, it } from 'vitest'
import { recoverErrorPage } from '../../src/dev/error-page.js'
import type { Response } from '../../src/http.js'
import { attachError } from '../../src/module-error.js'
import { ask } from '../support/ask.js'
import { listening } from '../support/listen.js'

const HTML = { 'Content-Type': 'text/html; charset=utf-8' }
const script = (error = '', nonce = '') =>
  `\n<script type="module" src="/app/@vite/client" data-connect-vite-error="${error}"${nonce}></script>\n`

async function answered(answer: (res: Response) => void, nonce?: string) {
  const app = await listening((_req, res) => {
    recoverErrorPage(res, { clientUrl: () => '/app/@vite/client', nonce: () => nonce })
    answer(res)
  })
  return ask(app, '/')
}

describe('an error page gets the client, whichever way it is sent', () => {
  it.each<[way: string, answer: (res: Response) => void]>([
    [
      'setHeader and end',
      (res) => {
        res.statusCode = 500
        res.setHeader('Content-Type', 'text/html')
        res.setHeader('Content-Length', 5)
        res.setHeader('ETag', '"x"')
        res.end('Oops!')
      },
    ],
    ['writeHead and end', (res) => res.writeHead(500, HTML).end('Oops!')],
    [
      'writeHead with a reason and a length',
      (res) => res.writeHead(502, 'No', { ...HTML, 'content-length': 5 }).end(Buffer.from('Oops!')),
    ],
    [
      'names and values in turn',
      (res) => res.writeHead(500, ['Content-Type', 'text/html', 'X-A', '1']).end('Oops!'),
    ],
    [
      'several writes',
      (res) => {
        res.writeHead(503, HTML)
        res.write('Oo')
        res.write(Buffer.from('ps'), () => res.end('!'))
      },
    ],
    [
      'compressed',
      (res) => res.writeHead(500, { ...HTML, 'Content-Encoding': 'gzip' }).end(gzipSync('Oops!')),
    ],
  ])('%s', async (_, answer) => {
    const { status, text, headers } = await answered(answer)
    expect(status).toBeGreaterThanOrEqual(500)
    expect(text).toBe(`Oops!${script()}`)
    expect(Number(headers['content-length'] ?? text.length)).toBe(text.length)
    expect(headers).not.toHaveProperty('etag')
    expect(headers).not.toHaveProperty('content-encoding')
  })
})

it.each([
  ['send()', (res: express.Response) => res.status(500).send('Oops!')],
  ['end()', (res: express.Response) => res.status(500).type('html').end('Oops!')],
  [
    'write()',
    (res: express.Response) => {
      res.status(500).type('html').write('Oops!')
      res.end()
    },
  ],
])('keeps the cookie of a session behind it (%s)', async (_, answer) => {
  const app = express()
    .use((_req, res, next) => {
      recoverErrorPage(res, { clientUrl: () => '/app/@vite/client', nonce: () => undefined })
      next()
    })
    .use(session({ secret: 'x', resave: false, saveUninitialized: true }))
    .use((_req, res) => void answer(res))
  const { text, headers } = await ask(await listening(app), '/')
  expect(text).toBe(`Oops!${script()}`)
  expect(String(headers['set-cookie'])).toContain('connect.sid=')
})

it('carries the nonce, and the error of a server module for the overlay', async () => {
  const { text } = await answered((res) => {
    attachError(res, { type: 'error', err: { message: 'a "b" <c>', stack: '' } })
    res.writeHead(500, HTML).end('Oops!')
  }, 'abc')
  const error =
    '{&quot;message&quot;:&quot;a \\&quot;b\\&quot; &lt;c&gt;&quot;,&quot;stack&quot;:&quot;&quot;}'
  expect(text).toBe(`Oops!${script(error, ' nonce="abc"')}`)
})

it.each([
  ["default-src 'none'", /^default-src 'none'; script-src 'self'; connect-src 'self' ws: wss:;/],
  ["default-src 'none'; base-uri 'none'", /^default-src 'none'; base-uri 'none'$/],
])(
  'opens the policy of Express’s own error page for the client, and no other: %s',
  async (policy, expected) => {
    const { headers } = await answered((res) => {
      res.setHeader('Content-Security-Policy', policy)
      res.writeHead(500, HTML).end('Oops!')
    })
    expect(headers['content-security-policy']).toMatch(expected)
  },
)

it('loses the colours of a terminal', async () => {
  const { text } = await answered((res) =>
    res.writeHead(500, HTML).end('\u001b[31mred\u001b[0m and \u001b[1;4mbold\u001b[22;24m'),
  )
  expect(text).toBe(`red and bold${script()}`)
})

describe('leaves alone', () => {
  it.each<[what: string, answer: (res: Response) => void]>([
    ['a page', (res) => res.writeHead(200, HTML).end('Oops!')],
    ['a page that is not found', (res) => res.writeHead(404, HTML).end('Oops!')],
    [
      'an error in JSON',
      (res) => res.writeHead(500, { 'Content-Type': 'application/json' }).end('Oops!'),
    ],
    ['an error without a type', (res) => res.writeHead(500).end('Oops!')],
    [
      'an encoding that is not known',
      (res) => res.writeHead(500, { ...HTML, 'Content-Encoding': 'zstd' }).end('Oops!'),
    ],
    [
      'a page that was begun before it failed',
      (res) => {
        res.setHeader('Content-Type', 'text/html')
        res.write('Oo')
        res.statusCode = 500
        res.end('ps!')
      },
    ],
  ])('%s', async (_, answer) => {
    expect((await answered(answer)).text).toBe('Oops!')
  })
})
