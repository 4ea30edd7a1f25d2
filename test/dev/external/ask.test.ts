// Whether a Vite answers at an address, or something else, or nobody.
import type { createServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { isAlive } from '../../../src/dev/external/ask.js'
import { type TemporaryRoot, temporaryRoot } from '../support/root.js'
import { answers, recordingUpstream, says } from '../support/upstream.js'
import { runVite } from '../support/vite.js'

let root: TemporaryRoot
beforeAll(async () => {
  root = await temporaryRoot({ 'main.ts': '' })
})
afterAll(() => root.remove())

describe('a server is alive', () => {
  test.each(['vite', 'vite5', 'vite6', 'vite7'] as const)('when it is %s', async (alias) => {
    const { createServer: create } = (await import(alias)) as { createServer: typeof createServer }
    const vite = await runVite(root.path, { base: '/app/' }, create)
    expect(await isAlive(new URL('/app/', vite.url))).toBe(true)
    expect(await isAlive(new URL('/', vite.url))).toBe(false)
    await vite.close()
    expect(await isAlive(new URL('/app/', vite.url))).toBe(false)
  })
})

describe('a server is not alive', () => {
  test.each([
    ['answers a page', answers('<html>', 'text/html')],
    ['answers garbage', says('nonsense', '', '')],
    ['never answers', () => {}],
    ['never stops', says('HTTP/1.1 200 OK', 'Content-Length: 9', '', 'x')],
    ['switches protocols', says('HTTP/1.1 101 x', 'Connection: Upgrade', 'Upgrade: x', '', '')],
  ])('when it %s', async (_, behaviour) => {
    const upstream = await recordingUpstream(behaviour)
    expect(await isAlive(upstream.url)).toBe(false)
    await expect.poll(() => upstream.connections()).toBe(0)
    await upstream.close()
  })

  it('when its name does not exist', async () => {
    expect(await isAlive(new URL('http://nowhere.invalid'))).toBe(false)
  })
})
