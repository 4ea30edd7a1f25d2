// Fifty thousand requests that nobody would send in good faith: nothing leaks, nothing throws, nothing hangs.
import { type IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { FileServer } from '../../src/serve/file-server.js'
import { randomOf } from '../support/random.js'
import { directory, fileServer, served } from './support.js'

const JS = 'PUBLIC script; '.repeat(300)
const PUBLIC: Record<string, string> = {
  'index.html': 'PUBLIC page',
  'a b.txt': 'PUBLIC space',
  '100%.txt': 'PUBLIC percent',
  'ü.txt': 'PUBLIC umlaut',
  'back\\slash.txt': 'PUBLIC backslash',
  'assets/a-12345678.js': JS,
  'assets/b-12345678.css': 'PUBLIC style',
  '.well-known/security.txt': 'PUBLIC contact',
}
const SECRET = {
  '.env': 'SECRET',
  '.vite/manifest.json': 'SECRET',
  'server/entry.js': 'SECRET',
  'assets/.hidden': 'SECRET',
  'assets/a-12345678.js.map': 'SECRET',
}
const BESIDE = { 'secret.txt': 'SECRET', 'dist-secret/secret.txt': 'SECRET' }

const NAMES = [
  ...Object.keys(PUBLIC),
  ...Object.keys(SECRET),
  'secret.txt',
  'dist-secret',
  'dist',
  'etc/passwd',
]
const DOTS = [
  '.',
  '..',
  '...',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '..;',
  '..\0',
  '.. ',
]
const SEPARATORS = [
  '/',
  '/',
  '/',
  '//',
  '\\',
  '%2f',
  '%2F',
  '%5c',
  '%252f',
  '/./',
  '/../',
  ';/',
  '\0/',
  '',
]
const ENDS = [
  '',
  '',
  '',
  '?',
  '?raw',
  '?raw??',
  '#',
  '/',
  '/.',
  '%00',
  '%00.js',
  '.br',
  '.gz',
  '.',
  ' ',
  '::$DATA',
  '~1',
  '%',
  '%2',
  '%zz',
]
const STARTS = [
  '',
  '',
  '',
  '/',
  '//',
  '///',
  '\\',
  'http://h',
  'https://evil@h:1/',
  'HTTP://h?/',
  'file://',
  'C:',
  '*',
  '?',
  '#',
]
const ODD = [
  'CON',
  '__proto__',
  'constructor',
  'toString',
  '\u00fc',
  '\ud800',
  'a'.repeat(5000),
  '%'.repeat(300),
  '\r\nX: y',
]

const HEADERS: Record<string, string[]> = {
  range: [
    'bytes=0-0',
    'bytes=3-6',
    'bytes=5-3',
    'bytes=-1',
    'bytes=-0',
    'bytes=99999-',
    'bytes=0-1,2-3',
    'bytes=',
    'x',
    `bytes=${'9'.repeat(999)}-`,
    'bytes=0-'.repeat(500),
  ],
  'accept-encoding': [
    'br',
    'gzip, br',
    'identity;q=0',
    '*;q=0',
    '*',
    'br;q=nan',
    ',,,',
    ';;;q=',
    'gzip;q=0, *',
    'x'.repeat(5000),
  ],
  'if-none-match': ['*', '"x"', 'W/"x"', '"', ',', 'W/', '"a", "b'],
  'if-match': ['*', '"x"', 'W/"x"', ''],
  'if-modified-since': [
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'x',
    '0',
    '-1',
    '',
  ],
  'if-unmodified-since': ['Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'x'],
  'if-range': ['"x"', 'W/"x"', 'Thu, 01 Jan 1970 00:00:00 GMT', ''],
}

function requests(seed: number) {
  const { below, one } = randomOf(seed)
  const encode = [
    (text: string) => text,
    encodeURI,
    encodeURIComponent,
    (text: string) => encodeURIComponent(encodeURIComponent(text)),
    (text: string) => text.toUpperCase(),
    (text: string) => text.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`),
    (text: string) => encodeURI(text).replace(/%../g, (c) => c.toLowerCase()),
  ]
  function segment(): string {
    const kind = below(10)
    if (kind < 6) return one(encode)(one(NAMES))
    return kind < 9 ? one(DOTS) : one(ODD)
  }
  function target(): string {
    // Every other request is for a file that exists, so that the headers get their turn; and some for the very names
    // that are to be kept.
    const kind = below(20)
    if (kind < 10) return `/${encodeURI(one(Object.keys(PUBLIC)))}${one(['', '', '?x'])}`
    if (kind === 10) return `/${encodeURI(one(Object.keys({ ...SECRET, ...BESIDE })))}`
    let path = one(STARTS)
    for (let count = 1 + below(4); count > 0; count--) path += one(SEPARATORS) + segment()
    return path + one(ENDS)
  }
  return () => {
    const headers: IncomingHttpHeaders = {}
    for (const name in HEADERS) if (below(3) === 0) headers[name] = one(HEADERS[name]!)
    return { method: one(['GET', 'GET', 'GET', 'HEAD', 'POST', 'get']), target: target(), headers }
  }
}

interface Outcome {
  status: number
  head: string
  body: Buffer
}

/** One request without a network: resolves once it is answered, or handed on (`undefined`). */
function send(files: FileServer, method: string, url: string, headers: IncomingHttpHeaders) {
  return new Promise<Outcome | undefined>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    }) as unknown as Socket
    const req = new IncomingMessage(socket)
    Object.assign(req, { method, url, headers })
    const res = new ServerResponse(req)
    res.assignSocket(socket)
    res.on('finish', () => {
      const sent = Buffer.concat(chunks)
      const end = sent.indexOf('\r\n\r\n')
      resolve({
        status: res.statusCode,
        head: sent.subarray(0, end).toString('latin1'),
        body: sent.subarray(end + 4),
      })
    })
    res.on('close', () => {
      if (!res.writableFinished) reject(new Error('broken off'))
    })
    files.handle(req, res, (error) => {
      if (error === undefined) resolve(undefined)
      else reject(error)
    })
  })
}

function decoded({ head, body }: Outcome): string {
  if (/^content-encoding: br/im.test(head)) return brotliDecompressSync(body).toString()
  if (/^content-encoding: gzip/im.test(head)) return gunzipSync(body).toString()
  return body.toString()
}

function check(outcome: Outcome, method: string, { range }: IncomingHttpHeaders): void {
  const { status, head, body } = outcome
  expect(head).not.toContain('SECRET')
  expect(body.includes('SECRET')).toBe(false)
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  if (method === 'HEAD' || status === 304) {
    expect(body.length).toBe(0)
  } else {
    expect(Number(length)).toBe(body.length)
  }
  if (status === 304) expect(length).toBeUndefined()
  if (status === 200 && method === 'GET') {
    expect(Object.values(PUBLIC)).toContain(decoded(outcome))
  } else if (status === 206) {
    const [, first, last, size] = /^content-range: bytes (\d+)-(\d+)\/(\d+)$/im.exec(head) ?? []
    const [start, end] = [Number(first), Number(last) + 1]
    const whole = Object.values(PUBLIC).map((text) => Buffer.from(text))
    const parts = whole.filter((bytes) => bytes.length === Number(size))
    expect(parts.some((bytes) => bytes.subarray(start, end).equals(body))).toBe(true)
    if (range === 'bytes=3-6') expect([start, end]).toEqual([3, 7])
    if (range === 'bytes=-1') expect([start, end]).toEqual([Number(size) - 1, Number(size)])
  } else {
    expect([200, 304, 404, 406, 412, 416]).toContain(status)
  }
}

it.each([
  { way: 'from memory', cacheSize: 64 * 1024 * 1024, count: 50_000 },
  { way: 'streamed', cacheSize: 0, count: 20_000 },
])('holds against $count hostile requests, $way', async ({ cacheSize, count }) => {
  const parent = await directory({
    ...BESIDE,
    ...Object.fromEntries(
      Object.entries({ ...PUBLIC, ...SECRET }).map(([file, text]) => [`dist/${file}`, text]),
    ),
    'dist/assets/a-12345678.js.br': brotliCompressSync(JS),
  })
  const hidden = (file: string) => file.startsWith('server/') || file.endsWith('.map')
  const dist = join(parent, 'dist')
  const publicFiles = served(dist, { hidden })
  const files = fileServer(dist, { files: publicFiles, cacheSize, compress: true })
  const next = requests(20_261_121)
  const statuses = new Map<number | undefined, number>()
  const PARALLEL = 50
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let index = 0; index < count / PARALLEL; index++) {
        const { method, target, headers } = next()
        const description = JSON.stringify({ method, target, headers })
        const outcome = await send(files, method, target, headers).catch((error) => {
          throw new Error(description, { cause: error })
        })
        statuses.set(outcome?.status, (statuses.get(outcome?.status) ?? 0) + 1)
        try {
          if (outcome) check(outcome, method, headers)
        } catch (error) {
          throw new Error(description, { cause: error })
        }
      }
    }),
  )
  // The mixture must reach every kind of answer, or it proves nothing.
  for (const status of [200, 206, 304, 404, 406, 412, 416, undefined]) {
    expect(statuses.get(status), String(status)).toBeGreaterThan(count / 4000)
  }
  expect(Object.prototype).not.toHaveProperty('SECRET')
})
