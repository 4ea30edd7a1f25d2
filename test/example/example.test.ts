// The example app over HTTP, in all three modes.
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
    const policy = headers['content-security-policy'] ?? ''
    const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy)?.[1]
    expect(policy).toMatch(/^default-src 'none';/)
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
