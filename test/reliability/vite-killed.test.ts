// An external Vite is killed while pages are open: they are told what to run, and find it again when it is back.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProject } from '../support/project.js'
import { startApp } from './support/app.js'
import { ask, begin, eventually } from './support/ask.js'
import { openPage } from './support/hmr.js'
import { startVite } from './support/vite-process.js'

/** More than the connections between Vite, app and client hold, so that it is under way while nobody reads. */
const BIG = 'x'.repeat(24 * 1024 * 1024)

/** With a module that is never transformed. */
const config = (more = '') => `
  import { writeFile } from 'node:fs/promises'
  import { backend } from 'connect-vite/plugin'
  const transform = async (_, id) => {
    if (!id.endsWith('/never.ts')) return
    await writeFile(new URL('begun', import.meta.url), '')
    await new Promise(() => {})
  }
  export default { plugins: [{ name: 'never', transform }, ${more}] }
`

async function start(how: 'named' | 'announced') {
  const { root, remove } = await createProject({
    'src/big.txt': BIG,
    'src/never.ts': 'export const answer: number = 42',
    'vite.config.js': config(how === 'announced' ? "backend({ input: ['src/main.ts'] })" : ''),
  })
  onTestFinished(remove)
  const vite = await startVite(root)
  const devServer = how === 'named' ? { devServer: vite.url } : {}
  return { root, vite, app: await startApp({ mode: 'development', root, ...devServer }) }
}

describe('kill -9 of an external Vite', () => {
  it.each([
    ['one that devServer names', 'named'],
    ['one that has announced itself', 'announced'],
  ] as const)(
    'is a 502 that says what to run, until it is back on its port: %s',
    async (_, how) => {
      const { root, vite, app } = await start(how)
      const module = () => ask('/src/main.ts', app)
      expect((await ask('/', app)).status).toBe(200)
      expect((await module()).status).toBe(200)
      const pages = await Promise.all(Array.from({ length: 5 }, () => openPage(app.port)))
      const half = await begin('/src/big.txt?raw', app.port)
      const waiting = ask('/src/never.ts', app)
      await eventually(() => existsSync(join(root, 'begun')), Boolean)

      await vite.kill()
      await Promise.all(pages.map(({ closed }) => closed))
      await expect(half.rest(), 'half a module is no module').rejects.toThrow('aborted')
      for (const { status, headers, body } of [await waiting, await module()]) {
        expect(status).toBe(502)
        expect(headers).toMatchObject({
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
        })
        expect(String(body)).toContain(`The Vite dev server at ${vite.url}/ does not answer.`)
        expect(String(body)).toContain(`npx vite --port ${vite.port} --strictPort`)
      }
      await expect(openPage(app.port)).rejects.toThrow('502')
      expect((await ask('/', app)).status, 'the app goes on').toBe(200)

      await vite.restart()
      expect((await module()).status).toBe(200)
      await openPage(app.port)
      expect(app.isAlive()).toBe(true)
      // Once each, however many requests there were.
      expect(app.output().match(/does not answer/g)).toHaveLength(1)
      expect(app.output().match(/answers again/g)).toHaveLength(1)
    },
  )
})
