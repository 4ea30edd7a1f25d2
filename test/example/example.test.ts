// The example app over HTTP, in all three modes.
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import request from 'supertest'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { copyExample, type ExampleCopy } from '../browser/harness/example.js'

let example: ExampleCopy

beforeAll(async () => {
  example = await copyExample()
  await example.build()
})
afterAll(() => example.remove())

// What /oops fails with goes to the log, which is not what is tested here.
beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue())

const pages = [
  ['/', 200, 'src/main.ts'],
  ['/gallery', 200, 'src/gallery.ts'],
  ['/nowhere', 404, 'src/notice.ts'],
  ['/oops', 500, 'src/notice.ts'],
] as const

function nonceOf(headers: Record<string, string>): string {
  const policy = headers['content-security-policy'] ?? ''
  return /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy)?.[1] ?? 'no nonce'
}

/** What the shop's page hands to the browser. */
function stateIn(html: string): { query: string; products: { id: string }[] } {
  const [state] = elements(parse(html), 'script').filter((script) =>
    script.attrs.some(({ value }) => value === 'shop-state'),
  )
  return JSON.parse(textOf(state))
}

type Node = DefaultTreeAdapterTypes.Node

/** The elements of this name, as a browser finds them. */
function elements(node: Node, name: string): DefaultTreeAdapterTypes.Element[] {
  const own = 'tagName' in node && node.tagName === name ? [node] : []
  const below =
    'childNodes' in node ? node.childNodes.flatMap((child) => elements(child, name)) : []
  return [...own, ...below]
}

function textOf(node: Node | undefined): string {
  if (!node) return ''
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

describe.each(['development', 'production', 'stub'] as const)('the example in %s', (mode) => {
  let created: Awaited<ReturnType<ExampleCopy['create']>>
  const get = (path: string) => request(created.app).get(path)

  beforeAll(async () => {
    created = await example.create({ mode })
    await created.vite.ready()
  })
  afterAll(() => created.vite.close())

  it.each(pages)('answers %s with %i and the tags of %s', async (path, status, entry) => {
    const { text, headers } = await get(path)
      .expect(status)
      .expect('Content-Type', /^text\/html/)
    expect(text).toContain(`mode: <b>${mode}</b>`)
    const nonce = nonceOf(headers)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';/)
    const scripts = text.match(/<script\b[^>]*>/g) ?? []
    const styles = text.match(/<link rel="stylesheet"[^>]*>/g) ?? []
    expect(scripts.length).toBeGreaterThan(0)
    for (const tag of [...scripts, ...styles]) expect(tag).toContain(`nonce="${nonce}"`)
    const name = entry.slice('src/'.length, -'.ts'.length)
    const source = mode === 'production' ? `/assets/${name}-[\\w-]{8}\\.js` : `/${entry}`
    expect(scripts.join('\n')).toMatch(new RegExp(`src="${source}"`))
  })

  it('prints a new nonce for every page', async () => {
    const policies = await Promise.all([get('/'), get('/')])
    expect(policies[0]?.headers['content-security-policy']).not.toBe(
      policies[1]?.headers['content-security-policy'],
    )
  })

  it('names images in both template languages', async () => {
    const hashed = mode === 'production'
    const home = await get('/')
    const gallery = await get('/gallery')
    expect(home.text).toMatch(
      hashed ? /src="\/assets\/hero-[\w-]{8}\.svg"/ : /src="\/src\/images\/hero\.svg"/,
    )
    expect(gallery.text).toMatch(
      hashed ? /src="\/assets\/kite-[\w-]{8}\.svg"/ : /src="\/src\/images\/gallery\/kite\.svg"/,
    )
  })

  it.each(['/garden', '/garden/summer', '/garden/nowhere'])(
    'answers %s with the single-page app',
    async (path) => {
      const { text, headers } = await get(path)
        .expect(200)
        .expect('Content-Type', /^text\/html/)
      const nonce = nonceOf(headers)
      for (const tag of text.match(/<(?:script|link)\b[^>]*>/g) ?? []) {
        expect(tag).toContain(`nonce="${nonce}"`)
      }
      const script = {
        development: 'src="/src/garden/main.ts"',
        production: 'src="/assets/garden-',
        stub: 'src="/src/garden/main.ts"',
      }
      expect(text).toContain(script[mode])
      if (mode !== 'stub') expect(text).toContain(`mode: <b>${mode}</b>`)
    },
  )

  it('has no page for what the single-page app does not have', async () => {
    await get('/garden/gone.js').expect(404)
    await get('/garden/api').set('Accept', 'application/json').expect(404)
  })

  it.runIf(mode === 'stub')('says that the shop is not rendered', async () => {
    const { text } = await get('/shop').expect(500)
    expect(text).toContain('Stub mode runs no server modules.')
  })

  it.runIf(mode !== 'stub')('renders the shop on the server', async () => {
    const { text, headers } = await get('/shop?q=sun')
      .expect(200)
      .expect('Content-Type', /^text\/html/)
    expect(text).toContain(`mode: <b>${mode}</b>`)
    expect(text).toContain('<title>Shop · connect-vite example</title>')
    expect(text.match(/<h2>[^<]+<\/h2>/g)).toEqual(['<h2>Basil</h2>', '<h2>Sunflower</h2>'])
    expect(stateIn(text).products.map(({ id }) => id)).toEqual(['basil', 'sunflower'])
    const nonce = nonceOf(headers)
    const scripts = text.match(/<script(?! type="application\/json")[^>]*>/g) ?? []
    expect(scripts.length).toBeGreaterThan(0)
    for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`)
  })

  it
    .runIf(mode !== 'stub')
    .each([
      '</script><script>alert(1)</script>',
      "$& $1 $` $' $$",
      '<!--ssr-outlet-->',
      '<!--<script>',
      '\u2028 & " \' \\',
    ])('renders a search for %s as text', async (query) => {
    const { text } = await get(`/shop?q=${encodeURIComponent(query)}`).expect(200)
    expect(stateIn(text)).toEqual({ query, products: [] })
    const document = parse(text)
    expect(elements(document, 'script').length).toBe(
      elements(parse((await get('/shop')).text), 'script').length,
    )
    expect(textOf(elements(document, 'main')[0])).toContain(`Nothing here is called “${query}”.`)
  })

  it('tells what failed to developers alone', async () => {
    const { text } = await get('/oops')
    expect(text.includes('on purpose')).toBe(mode !== 'production')
  })

  it.runIf(mode !== 'stub').each([
    ['/favicon.svg', 'image/svg+xml'],
    ['/robots.txt', 'text/plain'],
  ])('serves the public file %s', async (path, type) => {
    const response = await get(path).expect(200)
    expect(response.headers['content-type']).toContain(type)
  })

  it.runIf(mode !== 'stub')('serves every file that its pages name', async () => {
    for (const [path] of pages) {
      const { text } = await get(path)
      const [head = ''] = text.split('<section class="card" aria-labelledby="tags-title">')
      const urls = [...head.matchAll(/(?:src|href)="(\/(?:assets|src|@)[^"]*|\/favicon.svg)"/g)]
      expect(urls.length).toBeGreaterThan(1)
      for (const [, url = ''] of urls) await get(url).set('Accept', '*/*').expect(200)
    }
  })
})

describe('the example in development', () => {
  it('answers a page that asks for a missing entry with the reason, not with silence', async () => {
    await example.edit('views/home.ejs', 'src/main.ts', 'src/mian.ts')
    const { app, vite } = await example.create({ mode: 'development' })
    const { text } = await request(app).get('/').expect(500)
    expect(text).toContain('src/mian.ts')
    expect(text).toContain('Something went wrong.')
    await vite.close()
    await example.edit('views/home.ejs', 'src/mian.ts', 'src/main.ts')
  })
})
