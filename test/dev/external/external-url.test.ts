// Which requests go to an external Vite, and what may come of them.
import { describe, expect, it } from 'vitest'
import { createExternalUrl } from '../../../src/dev/external/external-url.js'
import type { Request } from '../../../src/http.js'

const root = '/home/me/.work/app'

const rulesOf = (target: string, base = '/', headers: Record<string, string> = {}) =>
  createExternalUrl({ root, base: () => base, isImported: () => false, paths: ['/__panel'] })({
    method: 'GET',
    url: target,
    headers,
  } as unknown as Request)

const document = { 'sec-fetch-dest': 'document', accept: 'text/html' }

describe.each(['/', '/b/'])('with the base %s', (base) => {
  it.each([
    '../.env',
    'node_modules/../.env',
    'src/./main.ts',
    'src//main.ts',
    'src%2fmain.ts',
    'src\\main.ts',
    'a%5cb.js',
    'src/%2e%2e/.npmrc?raw',
    'main.js%00.ts',
    '@fs//etc/passwd',
  ])('a crooked path never reaches it: %s', (path) => {
    expect(rulesOf(base + path, base)).toBeUndefined()
    expect(rulesOf(`${base}__panel/${path}`, base)).toBeUndefined()
  })

  it.each([
    '.env',
    '.npmrc?raw',
    'src/.hidden.js',
    '.git/config?raw',
    `@fs${root}/.npmrc?raw`,
    `@fs${root}/.git/config?raw`,
    `@fs${root}/src/.hidden.js`,
    '@id/src/.hidden.js',
    'node_modules/.npmrc?raw',
  ])('a dotfile never comes from it: %s', (path) => {
    expect(rulesOf(base + path, base)).toBeUndefined()
  })

  it.each([
    'src/main.ts',
    '@vite/client',
    `@fs${root}/src/main.ts`,
    'node_modules/.vite/deps/vue.js?v=12345678',
    '@fs/home/me/.work/lib/a.ts',
    '.well-known/security.txt',
  ])('a module or file is asked of it: %s', (path) => {
    expect(rulesOf(base + path, base)).toMatchObject({ script: true })
  })
})

describe('a navigation with the base /', () => {
  it.each(['/terms.pdf', '/robots.txt', '/icon.svg', '/widget.html', '/users/jane.doe', '/v1.2'])(
    'to a name with an ending may be a file: %s',
    (target) => {
      expect(rulesOf(target, '/', document)).toMatchObject({ script: false, orPage: true })
    },
  )

  it.each([
    '/',
    '/about',
    '/src/main.ts',
    '/src/main.css',
    '/@vite/client',
    '/.env',
    '/a/../b.pdf',
  ])('is the app’s: %s', (target) => {
    expect(rulesOf(target, '/', document)).toBeUndefined()
  })
})
