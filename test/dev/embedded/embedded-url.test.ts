import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createEmbeddedUrls,
  type EmbeddedUrlSettings,
} from '../../../src/dev/embedded/embedded-url.js'
import type { Request } from '../../../src/http.js'
import { type TemporaryRoot, temporaryRoot } from '../support/root.js'

let root: TemporaryRoot
beforeAll(async () => {
  root = await temporaryRoot({
    'src/main.ts': '',
    'src/my file.ts': '',
    'src/größe.ts': '',
    'src/a#b.ts': '',
    'src/extensionless': '',
    'api/users.ts': '',
    'pages/index.ts': '',
    'public/robots.txt': '',
    'public/.well-known/x.json': '',
    'public/.well-known/.x.json': '',
    'public/.well-known/apple-app-site-association': '',
    'public/.hidden/x.json': '',
    'public/CNAME': '',
    '.env': '',
    'public/terms.pdf': '',
    'public/widget.html': '',
    'src/logo.svg': '',
    'src/.secret.svg': '',
    'src/.generated/data.js': '',
    'index.html': '',
    '.git/config.js': '',
    '.cache/deps/vue.js': '',
  })
})
afterAll(() => root.remove())

function isVites(
  target: string,
  request: Partial<Request> = {},
  more: Partial<EmbeddedUrlSettings> = {},
) {
  const known = new Set(['/virtual', '/src/x.vue?vue&type=style&lang.css', '/größe.css'])
  const urls = createEmbeddedUrls({
    base: '/',
    root: root.path,
    publicDir: `${root.path}/public`,
    cacheDir: `${root.path}/.cache`,
    extensions: ['.js', '.ts'],
    paths: [],
    inGraph: (url) => known.has(url),
    isAsset: (path) => /\.(?:png|svg|pdf)$/.test(path),
    ...more,
  })
  return urls.isVites({ method: 'GET', headers: {}, url: target, ...request } as Request)
}

describe('with base /, Vite’s are', () => {
  it.each([
    '/@vite/client',
    '/@id/__x00__virtual:a',
    '/@fs/elsewhere/a.ts',
    '/@react-refresh',
    '/node_modules/.vite/deps/vue.js?v=12345678',
    '/__open-in-editor?file=a',
    '/.cache/deps/vue.js?v=12345678',
    '/src/main.ts',
    '/src/main.ts?t=1700000000000',
    '/src/my%20file.ts',
    '/src/gr%C3%B6%C3%9Fe.ts',
    '/src/a%23b.ts',
    '/robots.txt',
    '/CNAME',
    '/.well-known/x.json',
    '/.well-known/apple-app-site-association',
    '/nope.svg?import',
    '/nope.svg?url',
    '/nope.ts?a=1&raw',
    '/nope.html?html-proxy&index=0.js',
    '/virtual',
    '/virtual?t=1700000000000',
    '/virtual?import',
    '/src/x.vue?t=1700000000000&vue&type=style&lang.css',
    '/gr%C3%B6%C3%9Fe.css',
  ])('%s', (target) => {
    expect(isVites(target)).toBe(true)
    expect(isVites(target, { method: 'HEAD' })).toBe(true)
    expect(isVites(target, { headers: { 'sec-fetch-dest': 'script', accept: '*/*' } })).toBe(true)
  })
})

describe('with base /, the app’s are', () => {
  it.each([
    ['the home page', '/'],
    ['an extensionless path', '/api/users'],
    ['and with a timestamp', '/api/users?t=1700000000000'],
    ['and with Vite’s queries', '/api/users?raw'],
    ['an extensionless file', '/src/extensionless'],
    ['a directory', '/src'],
    ['a file that is not there', '/src/nope.ts'],
    ['a query that has a value', '/login.php?url=/home'],
    ['a word that only starts like a query', '/x.txt?rawest&importer&urls'],
    ['a dotfile', '/.env'],
    ['a dotfile with a query', '/.env?raw'],
    ['a directory with a dot', '/.git/config.js'],
    ['a dot directory in public', '/.hidden/x.json'],
    ['a dotfile deeper in public', '/.well-known/.x.json'],
    ['a file that is not in public', '/.well-known/nope.json'],
    ['and with Vite’s queries', '/.well-known/nope.json?raw'],
    ['a directory in public', '/.well-known'],
    ['a traversal', '/../secret.ts?raw'],
    ['a traversal below a prefix', '/@fs/../x.ts'],
    ['an encoded traversal', '/%2e%2e/secret.ts?raw'],
    ['a half-encoded traversal', '/src/.%2E/main.ts'],
    ['a single dot', '/./src/main.ts'],
    ['two slashes', '//src/main.ts'],
    ['two slashes inside', '/src//main.ts'],
    ['a backslash', '/src\\main.ts'],
    ['an encoded backslash', '/src%5cmain.ts?raw'],
    ['an encoded slash', '/src%2fmain.ts'],
    ['NUL', '/src/main.ts%00.js?raw'],
    ['what is not UTF-8', '/src/%E0%A4%A.ts?raw'],
    ['a fragment', '/src/main.ts#x'],
    ['an absolute target', 'http://host/src/main.ts'],
    ['an asterisk', '*'],
    ['a very long name', `/${'a'.repeat(5000)}.ts`],
  ])('%s', (_what, target) => {
    expect(isVites(target)).toBe(false)
  })

  it.each(['POST', 'OPTIONS', 'DELETE', 'PUT'])('%s requests', (method) => {
    expect(isVites('/src/main.ts', { method })).toBe(false)
  })

  it.each([
    ...['document', 'iframe', 'frame', 'fencedframe'].map((dest) => ({ 'sec-fetch-dest': dest })),
    { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
  ])('navigations %o', (headers) => {
    expect(isVites('/src/main.ts', { headers })).toBe(false)
    expect(isVites('/@vite/client', { headers })).toBe(false)
    expect(isVites('/index.html', { headers })).toBe(false)
    expect(isVites('/virtual', { headers })).toBe(false)
  })

  it.each([
    '/terms.pdf',
    '/robots.txt',
    '/widget.html',
    '/CNAME',
    '/src/logo.svg',
    '/src/logo.svg?v=1',
  ])('but not one that opens the file %s', (target) => {
    for (const dest of ['document', 'iframe', 'object', 'embed'])
      expect(isVites(target, { headers: { 'sec-fetch-dest': dest } }), dest).toBe(true)
  })

  it.each(['/src/.secret.svg', '/.hidden/x.json', '/src/none.svg', '/public/terms.pdf/'])(
    'and one that opens %s',
    (target) => {
      expect(isVites(target, { headers: { 'sec-fetch-dest': 'document' } })).toBe(false)
    },
  )

  it('a request without Accept and Sec-Fetch headers', () => {
    const headers = { 'sec-fetch-dest': 'empty', accept: 'text/html' }
    expect(isVites('/src/main.ts', { headers })).toBe(true)
  })
})

describe('with another base', () => {
  const base = (target: string, request?: Partial<Request>) =>
    isVites(target, request, { base: '/b/' })

  it.each([
    '/b/',
    '/b/anything.html',
    '/b/src/main.ts',
    '/b/__inspect/',
    '/b/@vite/client',
    '/b/virtual',
    '/b/endpoint',
  ])('%s is Vite’s, navigations too', (target) => {
    expect(base(target)).toBe(true)
    expect(base(target, { headers: { 'sec-fetch-dest': 'document' } })).toBe(true)
    expect(base(target, { method: 'POST' })).toBe(false)
  })

  it.each(['/', '/b', '/bc/x.ts', '/src/main.ts', '/@vite/client', '//b/x', '/b/../src/main.ts'])(
    '%s is the app’s',
    (target) => {
      expect(base(target)).toBe(false)
    },
  )

  it.each(['/b/api/users', '/b/pages', '/b/api/users?t=1'])(
    '%s is the app’s: Vite would answer with the source of a module',
    (target) => {
      expect(base(target)).toBe(false)
    },
  )
})

describe('devServer.paths', () => {
  it('adds prefixes and expressions, for every method', () => {
    const paths = ['/__inspect/', /^\/rpc\b/g]
    for (let i = 0; i < 3; i++) {
      expect(isVites('/__inspect/x', { method: 'POST' }, { paths })).toBe(true)
      expect(isVites('/rpc?a', { headers: { 'sec-fetch-dest': 'document' } }, { paths })).toBe(true)
      expect(isVites('/x/rpc', {}, { paths })).toBe(false)
    }
  })

  it('does not open Vite’s denied files', () => {
    expect(isVites('/__inspect/../src/main.ts', {}, { paths: ['/__inspect/'] })).toBe(false)
  })
})

it('judges by the original URL, not by what a mount path left of it', () => {
  expect(isVites('/src/main.ts', { originalUrl: '/sub/src/main.ts' })).toBe(false)
  expect(isVites('/x', { originalUrl: '/src/main.ts' })).toBe(true)
})

describe.each(['/', '/b/'])('a dotfile (base %s)', (base) => {
  const at = (path: string, more: Partial<EmbeddedUrlSettings> = {}) =>
    isVites(base + path, {}, { base, ...more })

  it.each([
    ['by its path', () => 'src/.generated/data.js'],
    ['in public', () => '.hidden/x.json'],
    ['by its absolute path', () => `@fs${root.path}/.npmrc?raw`],
    ['in a directory of the root', () => `@fs${root.path}/src/.generated/data.js`],
    ['that is encoded', () => `@fs${root.path}/src/%2egenerated/data.js`],
    ['as the id of a module', () => '@id/src/.generated/data.js'],
    ['as an absolute id', () => `@id${root.path}/.npmrc?raw`],
    ['as the id of a virtual module', () => `@id/__x00__${root.path}/.npmrc?raw`],
    ['outside the root', () => '@fs/somewhere/.ssh/id_rsa?raw'],
    ['in node_modules', () => 'node_modules/.npmrc?raw'],
  ])('is not Vite’s %s', (_, path) => {
    expect(at(path())).toBe(false)
  })

  it('is Vite’s when a module imports it', () => {
    const inGraph = (url: string) => url === '/src/.generated/data.js'
    expect(at('src/.generated/data.js', { inGraph })).toBe(true)
  })

  it.each([
    ['a package of pnpm', () => `@fs${root.path}/node_modules/.pnpm/a/node_modules/a/font.woff2`],
    ['a pre-bundled package', () => 'node_modules/.vite/deps/vue.js?v=12345678'],
    ['a file beside the root', () => `@fs${root.path.replace(/[^/]*$/, 'beside/a.js')}`],
  ])('has nothing to do with %s', (_, path) => {
    expect(at(path())).toBe(true)
  })

  it('does not make a root below a directory with a dot unreachable', () => {
    const hidden = '/home/me/.work/app'
    expect(at(`@fs${hidden}/src/main.ts`, { root: hidden })).toBe(true)
    expect(at('@fs/home/me/.work/lib/a.ts', { root: hidden })).toBe(true)
    expect(at(`@fs${hidden}/.npmrc`, { root: hidden })).toBe(false)
  })

  it('of a repository is not Vite’s even if a module imports it', () => {
    const inGraph = () => true
    for (const path of ['.git/config?raw', 'src/.GIT/config', `@fs${root.path}/.git/HEAD?raw`])
      expect(at(path, { inGraph }), path).toBe(false)
  })
})

describe.each(['/', '/b/'])('a crooked path (base %s)', (base) => {
  it.each([
    '@fs//etc/passwd',
    '@fs/a/../b.ts',
    'src//main.ts',
    'src%2fmain.ts?raw',
    'a%00.ts?raw',
    '@id/..%5cx',
  ])('is not Vite’s: %s', (path) => {
    expect(isVites(base + path, {}, { base })).toBe(false)
  })

  it('is Vite’s when it is the id of a module', () => {
    const inGraph = (url: string) => url === '/@id/__x00__virtual:https://a.test/x.js'
    const target = `${base}@id/__x00__virtual:https://a.test/x.js`
    expect(isVites(target, {}, { base, inGraph })).toBe(true)
  })
})
