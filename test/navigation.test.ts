// Which requests want a page.
import { describe, expect, it } from 'vitest'
import type { Request } from '../src/http.js'
import { asksForDocument, isNavigation } from '../src/navigation.js'

const request = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  ({ method, url, headers }) as unknown as Request

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

describe('a page', () => {
  it.each<[string, Record<string, string>]>([
    ['/', {}],
    ['/', { accept: '*/*' }],
    ['/about', { accept: '' }],
    ['/about', { accept: browser, 'sec-fetch-dest': 'document' }],
    ['/about', { accept: browser }],
    ['/about.html?x=1.js', { accept: browser }],
    ['/users/john.doe', { accept: browser }],
    ['/users/jane@example.com', { accept: '*/*' }],
    ['/about.me', { accept: browser }],
    ['/about.xhtml', {}],
    ['/file.constructor', {}],
    ['/v1.2', {}],
    ['/frame', { accept: browser, 'sec-fetch-dest': 'iframe' }],
    ['/turbo', { accept: 'text/html', 'sec-fetch-dest': 'empty' }],
    ['/a.js/edit', { accept: browser }],
    ['/js', { accept: browser }],
  ])('is wanted by %s with %j', (url, headers) => {
    expect(isNavigation(request(url, headers))).toBe(true)
    expect(isNavigation(request(url, headers, 'HEAD'))).toBe(true)
    expect(isNavigation(request(url, headers, 'POST'))).toBe(false)
  })

  it.each<[string, Record<string, string>]>([
    ['/assets/gone-D4k2x9qa.js', {}],
    ['/assets/gone-D4k2x9qa.js', { accept: '*/*', 'sec-fetch-dest': 'script' }],
    ['/assets/gone-D4k2x9qa.js', { accept: browser, 'sec-fetch-dest': 'document' }],
    ['/gone.css?v=1', { accept: 'text/css,*/*;q=0.1' }],
    ['/gone', { accept: '*/*', 'sec-fetch-dest': 'style' }],
    ['/favicon.ico', { accept: 'image/avif,image/webp,*/*;q=0.8', 'sec-fetch-dest': 'image' }],
    ['/api/users', { accept: '*/*', 'sec-fetch-dest': 'empty' }],
    ['/api/users', { accept: 'application/json' }],
    ['/font.woff2', {}],
    ['/logo.svg', { accept: browser }],
    ['/main.js.map', {}],
    ['/favicon.ico', {}],
    ['/sitemap.xml', {}],
    ['/feed.rss', { accept: '*/*' }],
    ['/list.csv', {}],
    ['/src/Gone.tsx', {}],
    ['/src/Gone.vue', { accept: '*/*' }],
    ['/src/gone.scss?direct', {}],
    ['/notes.md', {}],
    ['/worker', { accept: '*/*', 'sec-fetch-dest': 'worker' }],
  ])('is not wanted by %s with %j', (url, headers) => {
    expect(isNavigation(request(url, headers))).toBe(false)
  })
})

describe('a document', () => {
  it.each<[boolean, Record<string, string>]>([
    [true, { accept: browser, 'sec-fetch-dest': 'document' }],
    [true, { accept: '*/*', 'sec-fetch-dest': 'iframe' }],
    [true, { accept: '*/*', 'sec-fetch-dest': 'embed' }],
    [true, { accept: browser }],
    [false, { accept: browser, 'sec-fetch-dest': 'script' }],
    [false, { accept: 'text/html', 'sec-fetch-dest': 'empty' }],
    [false, { accept: '*/*' }],
    [false, {}],
  ])('is asked for: %s with %j', (expected, headers) => {
    for (const url of ['/', '/src/main.ts', '/logo.png'])
      expect(asksForDocument(request(url, headers))).toBe(expected)
  })
})
