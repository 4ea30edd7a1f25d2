// Modules in directories with a dot, from an external Vite: those that a module imports, and no other.
import type { createServer } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { ask } from '../support/app.js'
import { externalApp } from '../support/external.js'
import { temporaryRoot } from '../support/root.js'
import { runVite } from '../support/vite.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(alias: 'vite' | 'vite7' | 'vite6' | 'vite5', base = '/') {
  const filler = `// ${'x'.repeat(100_000)}\n`
  const root = await temporaryRoot(
    {
      'src/main.js': `${filler}import './.generated/data.js'\nimport('./.lazy/part.js')\nexport const text = '/src/.secret/key.js'\n`,
      'src/.generated/data.js': "import './deeper.js'\nexport default 1\n",
      'src/.generated/deeper.js': 'export {}\n',
      'src/.lazy/part.js': 'export {}\n',
      'src/.secret/key.js': "export default 'secret'\n",
      '.npmrc': 'token=secret\n',
      'notes.txt': "import '/.npmrc'\n",
    },
    { vite: alias },
  )
  cleanups.push(root.remove)
  const { createServer: create } = (await import(alias)) as { createServer: typeof createServer }
  const vite = await runVite(root.path, { base }, create)
  cleanups.push(vite.close)
  const app = async () => {
    const one = await externalApp(new URL(base, vite.url), { root: root.path })
    cleanups.push(one.close)
    return one
  }
  return { app }
}

describe.each(['vite', 'vite7', 'vite6', 'vite5'] as const)('an external %s', (alias) => {
  it.each(['/', '/app/'])('sends what its modules import (base %s)', async (base) => {
    const { app } = await start(alias, base)
    const one = await app()
    const get = (path: string) => ask(one, base + path)
    expect((await get('src/.generated/data.js')).body).toBe('app: GET')
    expect((await get('src/main.js')).status).toBe(200)
    for (const path of ['src/.generated/data.js', 'src/.generated/deeper.js', 'src/.lazy/part.js'])
      expect((await get(path)).status, path).toBe(200)
    for (const path of ['src/.secret/key.js', '.npmrc?raw', 'src/.generated/none.js'])
      expect((await get(path)).body, path).toBe('app: GET')
  })

  it('takes no text of a file for an import', async () => {
    const one = await (await start(alias)).app()
    expect((await ask(one, '/notes.txt?raw')).body).toContain('/.npmrc')
    expect((await ask(one, '/.npmrc?raw')).body).toBe('app: GET')
  })

  it('sends it to a browser that has the importing module in its cache', async () => {
    const { app } = await start(alias)
    const { etag = '' } = (await ask(await app(), '/src/main.js')).headers
    // The app has been restarted, the page is loaded again.
    const restarted = await app()
    const headers = { 'If-None-Match': etag }
    expect((await ask(restarted, '/src/main.js', { headers })).status).toBe(304)
    expect((await ask(restarted, '/src/.generated/data.js')).status).toBe(200)
    expect((await ask(restarted, '/src/.secret/key.js')).body).toBe('app: GET')
  })
})

it('opens none of them as a page', async () => {
  const { app } = await start('vite')
  const one = await app()
  await ask(one, '/src/main.js')
  const headers = { accept: 'text/html', 'sec-fetch-dest': 'document' }
  expect((await ask(one, '/src/.generated/data.js', { headers })).body).toBe('app: GET')
})
