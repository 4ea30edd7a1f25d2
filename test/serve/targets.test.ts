// Request targets as they come over a raw socket: one spelling per file, and no way out of the directory.
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directory, fileServer, listen, raw, spyOnBuiltin } from './support.js'

async function dist(): Promise<string> {
  const parent = await directory({
    'secret.txt': 'SECRET',
    'dist-evil/secret.txt': 'SECRET',
    'dist/.env': 'SECRET',
    'dist/.vite/manifest.json': 'SECRET',
    'dist/index.html': 'PUBLIC',
    'dist/assets/app.js': 'PUBLIC',
    'dist/assets/app.js.br': 'SIBLING',
    'dist/assets/private/key.txt': 'GUARDED',
  })
  return join(parent, 'dist')
}

async function serve(before?: Parameters<typeof listen>[1]) {
  return listen(fileServer(await dist()).handle, before)
}

/** Watches everything that could ask the disk, under whatever name it was imported. */
function spyOnDisk(): () => string[] {
  const calls: string[] = []
  for (const module of [fs, fsPromises] as unknown as Array<Record<string, unknown>>) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'function' || /^[A-Z_]/.test(name)) continue
      spyOnBuiltin(module, name).mockImplementation(() => {
        calls.push(name)
        throw new Error(`${name} was called`)
      })
    }
  }
  return () => calls
}

async function get(port: number, target: string): Promise<string> {
  return raw(port, `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
}

const SPELLINGS = [
  '/assets%2fapp.js',
  '/assets%2Fapp.js',
  '/%61ssets/app.js',
  '/assets/%61pp.js',
  '/assets/app%2ejs',
  '/assets//app.js',
  '//assets/app.js',
  '/./assets/app.js',
  '/assets/./app.js',
  '/assets/x/../app.js',
  '/x/../assets/app.js',
  '/assets/../assets/app.js',
  '/assets\\app.js',
  '/assets%5capp.js',
  '/assets%5Capp.js',
  '\\assets\\app.js',
  '/ASSETS/app.js',
  '/assets/APP.js',
  '/assets/app.js/',
  '/assets/app.js/.',
  '/assets/app.js%00',
  '/assets/app.js%00.png',
  '/assets/app.js%20',
  '/assets/app.js.',
  '/assets/app.js;x=y',
  '/assets;x/app.js',
  '/assets/app.js::$DATA',
  '/assets/app.js%3fv=1',
  '/assets/app.js%23',
  '/%2561ssets/app.js',
  '/assets%252fapp.js',
  '/assets/%c1%9cpp.js',
  'assets/app.js',
  'file:///assets/app.js',
  'ftp://h/assets/app.js',
  'http://h//assets/app.js',
  'http://h/./assets/app.js',
]

const ESCAPES = [
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/%252e%252e/secret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/....//secret.txt',
  '/..;/secret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/%uff0e%uff0e/secret.txt',
  '/../dist-evil/secret.txt',
  '/..%2fdist-evil/secret.txt',
  '/../dist/index.html',
  'http://h/../secret.txt',
  '/.env',
  '/%2eenv',
  '/assets/../.env',
  '/.vite/manifest.json',
  '/%2evite/manifest.json',
  '/.vite%2fmanifest.json',
  '/assets/app.js.br',
  '/assets/app.js%2ebr',
  '/C:/Windows/win.ini',
  '/CON',
  '/etc/passwd',
  '//etc/passwd',
  '/proc/self/environ',
]

describe('an asset server', () => {
  it('knows a file by one spelling, with any query and in absolute-form', async () => {
    const port = await serve()
    for (const target of ['/assets/app.js', '/assets/app.js?v=%2f..', 'http://h/assets/app.js']) {
      expect(await get(port, target), target).toMatch(/^HTTP\/1\.1 200 OK.*PUBLIC$/s)
    }
  })

  it.each(SPELLINGS)('does not serve %j', async (target) => {
    expect(await get(await serve(), target)).not.toContain('PUBLIC')
  })

  it.each(ESCAPES)('gives nothing away to %j', async (target) => {
    const reply = await get(await serve(), target)
    expect(reply).toMatch(/^HTTP\/1\.1 (299|404|400) /)
    expect(reply).not.toMatch(/SECRET|SIBLING|PUBLIC|root:/)
  })

  it('never redirects, and never repeats what was asked', async () => {
    const port = await serve()
    for (const target of [
      '//evil.test/..',
      '/assets',
      '/assets/<script>',
      '/assets/%0d%0aX-Y:z',
      '/\\evil.test',
    ]) {
      const reply = await get(port, target)
      expect(reply).not.toMatch(/^location:/im)
      expect(reply).not.toMatch(/^HTTP\/1\.1 3/)
      expect(reply).not.toMatch(/evil|script|x-y/i)
    }
  })

  it('asks the disk for nothing but what it knows to be there', async () => {
    const dir = await dist()
    const files = fileServer(dir)
    const port = await listen(files.handle)
    const diskCalls = spyOnDisk()
    for (const target of [
      ...SPELLINGS,
      ...ESCAPES,
      '/assets/none-12345678.js',
      '/page',
      '/.git/config',
    ]) {
      await get(port, target)
    }
    expect(diskCalls()).toEqual([])
    await get(port, '/index.html')
    expect(diskCalls()).toEqual(['open'])
  })

  it('cannot be reached past a guard that the app mounted before it', async () => {
    const port = await serve((req, res, next) => {
      const path = req.url?.replace(/^https?:\/\/[^/]*/i, '') ?? ''
      if (!path.startsWith('/assets/private')) return next()
      res.statusCode = 403
      res.end('forbidden')
    })
    expect(await get(port, '/assets/private/key.txt')).toMatch(/^HTTP\/1\.1 403/)
    for (const target of [
      '/assets/%70rivate/key.txt',
      '/assets//private/key.txt',
      '/assets%2fprivate/key.txt',
      '/assets/./private/key.txt',
      '/assets/x/../private/key.txt',
      '//assets/private/key.txt',
      '/ASSETS/private/key.txt',
      '/assets\\private\\key.txt',
    ]) {
      expect(await get(port, target), target).not.toContain('GUARDED')
    }
  })
})
