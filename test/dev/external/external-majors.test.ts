// Every major of Vite, running on its own, behind the app.
import type { createServer } from 'vite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readHotFile } from '../../../src/dev/hot-file.js'
import { connectVite } from '../../../src/index.js'
import { backend } from '../../../src/plugin/index.js'
import { ask, echo, listen } from '../support/app.js'
import { type ExternalApp, externalApp } from '../support/external.js'
import { type TemporaryRoot, temporaryRoot } from '../support/root.js'
import { handshake, rawClient } from '../support/upstream.js'
import { type RunningVite, runVite } from '../support/vite.js'

describe.each(['vite5', 'vite6', 'vite7', 'vite'] as const)('%s', (alias) => {
  let root: TemporaryRoot
  let vite: RunningVite
  let app: ExternalApp

  beforeEach(async () => {
    root = await temporaryRoot(
      {
        'index.html': '<html><body>the SPA</body></html>',
        'src/main.ts': "import './main.css'\nexport const n: number = 1\n",
        'src/main.css': 'body { color: red }',
      },
      { vite: alias },
    )
    const { createServer: create } = (await import(alias)) as { createServer: typeof createServer }
    vite = await runVite(
      root.path,
      { base: '/app/', plugins: [backend({ input: 'src/main.ts' })] },
      create,
    )
    app = await externalApp(vite.url, { settings: { base: '/app/' }, root: root.path })
  })

  afterEach(async () => {
    await app.close()
    await vite.close()
    await root.remove()
  })

  it('answers its own URLs and leaves the others to the app', async () => {
    expect((await ask(app, '/app/src/main.ts')).body).toContain('const n = 1')
    expect((await ask(app, '/app/@vite/client')).status).toBe(200)
    for (const path of ['/app/', '/app/nope.ts', '/app/api/users', '/about'])
      expect((await ask(app, path)).body).toBe('app: GET')
  })

  it('accepts the HMR socket of a page, and not that of another site', async () => {
    const { body } = await ask(app, '/app/@vite/client')
    const token = /wsToken = "([^"]+)"/.exec(body)?.[1]
    const origin = app.origin
    const client = rawClient(app.port, ...handshake(`/app/?token=${token}`, { origin }))
    await client.until(/101[\s\S]*"type":"connected"/)
    client.socket.destroy()
    const evil = rawClient(app.port, ...handshake('/app/', { origin: 'http://evil.test' }))
    expect(await evil.ended).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('refuses a rebound host', async () => {
    const headers = { Host: 'rebind.evil.test' }
    for (const path of ['src/main.ts', '@connect-vite/stylesheets', '@connect-vite/error?module=/'])
      expect((await ask(app, `/app/${path}`, { headers })).status, path).toBe(403)
  })

  it('is found by its hot file, with all that a page needs', async () => {
    await vi.waitFor(() => expect(readHotFile(root.path)).toBeDefined(), 20_000)
    const handle = connectVite({ root: root.path, mode: 'development' })
    const found = await listen((req, res) => handle(req, res, () => echo(req, res, () => {})))
    await handle.ready()
    expect(handle.server).toBeUndefined()
    expect(handle.info()).toMatchObject({ base: '/app/', devServer: vite.url.href })
    const tags = handle.tags('src/main.ts')
    expect(tags).toContain('<script type="module" src="/app/@vite/client"></script>')
    expect(tags).toContain('<script type="module" src="/app/src/main.ts"></script>')
    expect(tags).toMatch(/<style data-vite-dev-id="[^"]*\/src\/main\.css">/)
    expect((await ask(found, '/app/src/main.ts')).status).toBe(200)
    await handle.close()
    await found.close()
  })
})
