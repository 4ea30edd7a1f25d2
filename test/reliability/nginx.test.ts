// A shared cache in front of the app: it may keep what it is told to keep, and gives each client what it can read.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasNginx } from '../support/nginx.js'
import { startApp } from './support/app.js'
import { ask, eventually, type Reply } from './support/ask.js'
import { madeBuild, temporary, writeBuild } from './support/builds.js'
import { startNginx } from './support/nginx.js'

if (!hasNginx) {
  console.warn('\nSKIPPED: nginx is not installed, so nothing is tested behind a caching proxy.\n')
}

const build = madeBuild(1)
const [script] = [...build.keys()].filter((file) => file.includes('main') && file.endsWith('.js'))
const path = `/${script}`
const whole = build.get(script!)!

async function start() {
  const root = await temporary()
  await writeBuild(join(root, 'dist'), build)
  const { port } = await startApp({ root })
  const socketPath = await startNginx(port)
  return {
    direct: (headers: Record<string, string> = {}) => ask(path, { port, headers }),
    proxied: (headers: Record<string, string> = {}, url = path) =>
      ask(url, { socketPath, headers }),
  }
}

const seen = ({ status, headers, body }: Reply) => ({
  status,
  cache: headers['x-cache'],
  coding: headers['content-encoding'],
  whole: body.equals(whole),
})

describe.skipIf(!hasNginx)('behind nginx as a caching reverse proxy', () => {
  it('a second fetch is a cache hit, with the headers of the first', async () => {
    const { direct, proxied } = await start()
    const origin = await direct()
    const first = await proxied()
    const second = await proxied()
    expect(seen(first)).toEqual({ status: 200, cache: 'MISS', coding: undefined, whole: true })
    expect(seen(second)).toEqual({ status: 200, cache: 'HIT', coding: undefined, whole: true })
    for (const name of [
      'cache-control',
      'vary',
      'etag',
      'content-type',
      'last-modified',
    ] as const) {
      expect(second.headers[name], name).toBe(origin.headers[name])
    }
    expect(second.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(second.headers.vary).toBe('Accept-Encoding')
  })

  it('keeps the encodings apart', async () => {
    const { direct, proxied } = await start()
    const br = { 'accept-encoding': 'br' }
    await eventually(
      () => direct(br),
      ({ headers }) => headers['content-encoding'] === 'br',
    )
    expect(seen(await proxied(br))).toEqual({
      status: 200,
      cache: 'MISS',
      coding: 'br',
      whole: true,
    })
    expect(seen(await proxied())).toMatchObject({ cache: 'MISS', coding: undefined, whole: true })
    expect(seen(await proxied(br))).toMatchObject({ cache: 'HIT', coding: 'br', whole: true })
    expect(seen(await proxied())).toMatchObject({ cache: 'HIT', coding: undefined, whole: true })
  })

  it.each(['MISS', 'HIT'])('cuts ranges, on a %s', async (cache) => {
    const { proxied } = await start()
    if (cache === 'HIT') await proxied()
    const part = await proxied({ range: 'bytes=100-199' })
    expect(part.status).toBe(206)
    expect(part.headers['x-cache']).toBe(cache)
    expect(part.headers['content-range']).toBe(`bytes 100-199/${whole.length}`)
    expect(part.body.equals(whole.subarray(100, 200))).toBe(true)
    const beyond = await proxied({ range: `bytes=${whole.length}-` })
    expect(beyond.status).toBe(416)
  })

  it('revalidates with the ETag of the app', async () => {
    const { proxied } = await start()
    const { headers } = await proxied()
    const again = await proxied({ 'if-none-match': headers.etag! })
    expect(again.status).toBe(304)
    expect(again.headers['x-cache']).toBe('HIT')
  })

  it('keeps neither what must revalidate nor a missing file', async () => {
    const { proxied } = await start()
    for (const url of ['/robots.txt', '/assets/missing-00000000.js']) {
      await proxied({}, url)
      expect((await proxied({}, url)).headers['x-cache'], url).not.toBe('HIT')
    }
  })
})
