// The head of an answer, beside whatever the app has put on the response before.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { NOT_FOUND } from '../../src/serve/decide.js'
import type { Answer } from '../../src/serve/representation.js'
import { sendHead } from '../../src/serve/send.js'

const ok: Answer = {
  status: 200,
  headers: Object.freeze({
    'Content-Type': 'text/css; charset=utf-8',
    'Content-Length': 3,
    'Cache-Control': 'public',
    Vary: 'Accept-Encoding',
    'Access-Control-Allow-Origin': '*',
  }),
}
const notModified: Answer = { status: 304, headers: Object.freeze({ ETag: '"a"' }) }

/** The head that goes out after what the app has `set`, by header in lower case. */
function headOf(answer: Answer, set: Record<string, string | string[]> = {}, hook?: () => void) {
  const res = new ServerResponse(new IncomingMessage(new Socket()))
  for (const [name, value] of Object.entries(set)) res.setHeader(name, value)
  const given = vi.spyOn(res, 'writeHead')
  sendHead(res, answer, hook && (() => hook.call(res)))
  const { _header: text } = res as unknown as { _header: string }
  const [status, ...lines] = text.trim().split('\r\n')
  const headers = lines.map((line) => line.split(': ') as [string, string])
  return {
    status,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    block: given.mock.calls[0]?.[1],
  }
}

describe('the head of an answer', () => {
  it('is what was made at start-up, untouched, where the app has set nothing that matters', () => {
    const { status, headers, block } = headOf(ok, { 'X-Powered-By': 'Express' })
    expect(status).toBe('HTTP/1.1 200 OK')
    expect(headers).toMatchObject({ 'content-length': '3', 'x-powered-by': 'Express' })
    expect(block).toBe(ok.headers)
  })

  it.each([
    ['Cache-Control', 'private', { 'cache-control': 'private' }],
    [
      'Access-Control-Allow-Origin',
      'https://a.test',
      { 'access-control-allow-origin': 'https://a.test' },
    ],
    ['Vary', 'Origin', { vary: 'Origin, Accept-Encoding' }],
    ['Vary', ['Origin', 'Cookie'], { vary: 'Origin,Cookie, Accept-Encoding' }],
    ['Vary', 'origin,  accept-encoding', { vary: 'origin,  accept-encoding' }],
    ['Vary', '*', { vary: '*' }],
  ] as const)('takes what the app has said in %s: %j', (name, value, expected) => {
    const { headers } = headOf(ok, { [name]: value as string })
    const others = headOf(ok).headers
    expect(headers).toEqual({ ...others, ...expected, date: headers.date })
    expect(ok.headers).toMatchObject({ 'Cache-Control': 'public', Vary: 'Accept-Encoding' })
  })

  it('has no Vary: Accept-Encoding for a file without encodings', () => {
    const { Vary: _, ...plain } = ok.headers
    expect(headOf({ ...ok, headers: plain }, { Vary: 'Origin' }).headers.vary).toBe('Origin')
    expect(headOf({ ...ok, headers: plain }, { 'Cache-Control': 'x' }).headers.vary).toBeUndefined()
  })

  it('marks a refusal no-store, over the app’s own Cache-Control', () => {
    const { status, headers } = headOf(NOT_FOUND, { 'Cache-Control': 'public, max-age=60' })
    expect(status).toBe('HTTP/1.1 404 Not Found')
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'x-content-type-options': 'nosniff',
    })
    expect(NOT_FOUND.text).toBe('Not Found\n')
  })

  it('has no header of a body without one', () => {
    const defaults = {
      'Content-Type': 'text/html',
      'Content-Length': '9',
      'Content-Encoding': 'br',
    }
    expect(Object.keys(headOf(notModified, { ...defaults, 'X-A': 'b' }).headers)).toEqual([
      'x-a',
      'etag',
      'date',
      'connection',
    ])
    expect(headOf(ok, { 'Content-Encoding': 'br' }).headers['content-encoding']).toBe('br')
  })
})

describe('the hook', () => {
  it('sees the headers, and has the last word', () => {
    const { status, headers } = headOf(ok, {}, function (this: ServerResponse) {
      expect(this.getHeader('content-length')).toBe(3)
      this.setHeader('Cache-Control', 'mine')
      this.removeHeader('Vary')
    })
    expect(status).toBe('HTTP/1.1 200 OK')
    expect(headers).toMatchObject({ 'cache-control': 'mine', 'content-length': '3' })
    expect(headers).not.toHaveProperty('vary')
  })

  it.each([399, 400, 404, 500])('is asked about files alone: %d', (status) => {
    const hook = vi.fn()
    headOf({ ...ok, status }, {}, hook)
    expect(hook).toHaveBeenCalledTimes(status < 400 ? 1 : 0)
  })

  it('that fails leaves the response as the app had it', () => {
    const res = new ServerResponse(new IncomingMessage(new Socket()))
    res.setHeader('Content-Type', 'text/html')
    const fail = () => {
      throw new Error('of the app')
    }
    expect(() => sendHead(res, ok, fail)).toThrow('of the app')
    expect(res.getHeaders()).toEqual({ 'content-type': 'text/html' })
    expect(res.headersSent).toBe(false)
  })
})
